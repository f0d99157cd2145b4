import Bundle
import Cryptography
import Diagnostics

/// A bundle's tar: what it hands out has the hash that its index lists.
struct BundleParser: FuzzedParser {
    let name = "bundle"
    let dictionary = TarParser().dictionary + ["index.json", "files/", "\"files\"", "\"length\""]
    let maximumLength = 16_384

    func mend(_ input: inout [UInt8], _ chance: inout Chance) {
        TarParser().mend(&input, &chance)
    }

    func parse(_ input: [UInt8]) throws -> String {
        try Scratch.shared.withFile(of: input) { path in
            do {
                return try read(BundleFile(opening: path))
            } catch let error as BundleError {
                return error.code.name
            }
        }
    }

    private func read(_ bundle: BundleFile) throws -> String {
        var ends: Set<String> = []
        for listed in bundle.index.claimed.contents.files {
            do {
                let bytes = try bundle.bytes(of: listed.path, maximumLength: 1 << 16)
                try Violation.unless(
                    bytes.map { Digest.of(.sha512, $0) } == listed.sha512,
                    "\(listed.path) is handed out with another hash")
                ends.insert("whole")
            } catch let error as BundleError {
                ends.insert(error.code.name)
            }
        }
        return ends.sorted().joined(separator: " ")
    }
}
