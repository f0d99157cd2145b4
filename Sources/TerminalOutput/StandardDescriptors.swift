import Glibc

/// Puts `/dev/null` where standard input, output or error is closed.
///
/// The next file that is opened would get that number, and what is printed would end up in it. So to
/// print to what is closed is as to print to a pipe that nobody reads: nobody wants it.
func fillClosedStandardDescriptors() {
    var descriptor: Int32
    repeat { descriptor = open("/dev/null", O_RDWR) } while (0...2).contains(descriptor)
    if descriptor >= 0 { close(descriptor) }
}
