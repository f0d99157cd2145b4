import Diagnostics

/// The name of an npm package: `@acme/plugin-audit-log`, or `left-pad` without a scope.
///
/// npm's rules for new packages (validate-npm-package-name), and three more, because a name becomes
/// a folder: a scope has the characters that a name has, no part begins with a dot, and the
/// reserved names are reserved below a scope too.
package struct PackageName: Hashable, Sendable {
    /// `acme` of `@acme/x`.
    package let scope: String?
    /// `x` of `@acme/x`.
    package let bare: String

    /// Reads `@scope/name` or `name`.
    ///
    /// - Throws: ``PackageError`` `registry.name-invalid`.
    package init(_ text: String) throws(PackageError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if text.utf8.first == UInt8(ascii: "@") {
            guard parts.count == 2 else {
                throw Self.error(text, "a scoped name has the form @scope/name")
            }
            scope = String(parts[0].dropFirst())
            bare = parts[1]
        } else {
            scope = nil
            bare = text
        }
        if let fault = Self.fault(whole: text, scope: scope, bare: bare) {
            throw Self.error(text, fault)
        }
    }

    private static func fault(whole: String, scope: String?, bare: String) -> String? {
        if whole.utf8.count > 214 { return "it is longer than 214 characters" }
        for part in [scope, bare].compactMap(\.self) {
            guard let first = part.utf8.first else { return "a part of it is empty" }
            if first == UInt8(ascii: ".") { return "a part of it begins with a dot" }
            guard part.utf8.allSatisfy(isAllowed) else {
                return "it has other characters than a-z, 0-9, hyphen, dot and underscore"
            }
        }
        if scope == nil, bare.utf8.first == UInt8(ascii: "_") {
            return "it begins with an underscore"
        }
        if bare == "node_modules" || bare == "favicon.ico" { return "it is reserved" }
        if scope == nil, coreModules.contains(bare) { return "it is a core module of Node.js" }
        return nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func error(_ text: String, _ fault: String) -> PackageError {
        PackageError(
            .registryNameInvalid, "\(quoted(text)) is no package name: \(fault).")
    }

    /// What `require('module').builtinModules` lists that could otherwise be a name.
    private static let coreModules: Set<String> = [
        "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants",
        "crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2",
        "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode",
        "querystring", "readline", "repl", "stream", "string_decoder", "sys", "timers", "tls",
        "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
    ]
}

extension PackageName: CustomStringConvertible, Comparable {
    package var description: String {
        scope.map { "@\($0)/\(bare)" } ?? bare
    }

    package static func < (left: PackageName, right: PackageName) -> Bool {
        left.description < right.description
    }
}
