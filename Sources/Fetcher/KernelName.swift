import Glibc

/// What uname(2) says of the running kernel.
struct KernelName {
    /// `Linux`.
    let system: String
    /// `6.12.48`.
    let release: String
    /// `x86_64`.
    let machine: String

    /// Asks the kernel; nil when it does not say.
    init?() {
        func text(_ bytes: UnsafeRawBufferPointer) -> String {
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        system = withUnsafeBytes(of: names.sysname, text)
        release = withUnsafeBytes(of: names.release, text)
        machine = withUnsafeBytes(of: names.machine, text)
    }
}
