import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Glibc
import HTTPTransfer
import Tarball

/// What runs here, for a support bundle.
enum ProgramVersions {
    static var json: JSONValue {
        var json: JSONObject = [
            "pkg": .string(programVersion), "libcurl": .string(libcurlVersion),
            "libarchive": .string(libarchiveVersion ?? "not installed"),
            "openssl": .string(openSSLVersion),
            "libc": .string(cLibrary),
        ]
        if let kernel = KernelName() {
            json["kernel"] = .string("\(kernel.system) \(kernel.release) \(kernel.machine)")
        }
        return .object(json)
    }

    private static var cLibrary: String {
        var name = [CChar](repeating: 0, count: 64)
        let count = confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count)
        guard count > 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
