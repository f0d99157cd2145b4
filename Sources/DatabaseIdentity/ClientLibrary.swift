import Diagnostics
import Glibc

/// A shared library that is looked for when it is needed.
///
/// Loaded and not linked: an image without it still runs `pkg`. Never unloaded: it may have started
/// what goes on, such as OpenSSL's own cleaning up.
struct ClientLibrary: Sendable {
    /// Unmanaged, and valid for the life of the process.
    private let address: UInt
    let name: String

    /// The first of these libraries that is installed.
    ///
    /// - Throws: `database.client-missing` with the dynamic linker's words.
    init(_ names: [String]) throws(DatabaseError) {
        var reasons: [String] = []
        for name in names {
            if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                address = UInt(bitPattern: handle)
                self.name = name
                return
            }
            reasons.append(Self.lastError)
        }
        throw DatabaseError(
            .databaseClientMissing,
            "None of \(names.joined(separator: ", ")) can be loaded: \(reasons.joined(separator: "; "))."
        )
    }

    /// A function of the library.
    ///
    /// - Parameters:
    ///   - name: its name
    ///   - type: its type in C; the caller vouches for it
    /// - Returns: The function, callable while the process lives.
    /// - Throws: `database.client-missing` when the library has none of that name.
    func function<Function>(_ name: String, as type: Function.Type) throws(DatabaseError)
        -> Function
    {
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: address), name) else {
            throw DatabaseError(
                .databaseClientMissing, "\(self.name) has no function \(name): \(Self.lastError).")
        }
        return unsafeBitCast(symbol, to: type)
    }

    private static var lastError: String {
        dlerror().map { DatabaseError.said(String(cString: $0)) } ?? "no reason given"
    }
}
