import Tarball

/// Tar headers, pax records and what they say of names and sizes: the input is a tar, compressed here.
struct TarParser: FuzzedParser {
    let name = "tar"
    let dictionary = [
        "ustar\u{0}00", "ustar  \u{0}", "package/", "../", "./", "/", "package/package.json",
        "\u{0}", "0000644", "00000000000", "77777777777", "path=", "size=", "linkpath=",
        "GNU.sparse.size=", "12 path=a/b\n", "11 size=10\n", "x", "g", "5", "2", "L", "\u{1F600}",
        #"{"name":"@acme/a","version":"1.0.0"}"#,
    ]
    let maximumLength = 16_384

    /// Sums up headers again, so that what they say is looked at.
    func mend(_ input: inout [UInt8], _ chance: inout Chance) {
        guard !chance.isOne(of: 8) else { return }
        // Changes move what follows; a tar is made of blocks.
        if !chance.isOne(of: 8) {
            input += [UInt8](repeating: 0, count: (512 - input.count % 512) % 512)
        }
        for start in stride(from: 0, to: input.count - 511, by: 512)
        where input[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
            input.replaceSubrange(
                (start + 148)..<(start + 156), with: [UInt8](repeating: 32, count: 8))
            let sum = input[start..<(start + 512)].reduce(0) { $0 + Int($1) }
            let digits = String(sum, radix: 8)
            let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\u{0} "
            input.replaceSubrange((start + 148)..<(start + 156), with: Array(padded.utf8))
        }
    }

    func parse(_ input: [UInt8]) throws -> String {
        try Scratch.shared.inspect(gzipped(input), unpacking: true)
    }
}
