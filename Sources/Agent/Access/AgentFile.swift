import CanonicalJSON
import Cryptography
package import Diagnostics
package import Fetcher
package import SystemPackage

/// `.license/agent.json`: what lets the application talk to the agent, readable by the storage
/// folder's owner only.
///
/// Any user of the machine may connect to loopback; who can read this file is the application, or
/// its administrator. Replicas that share the storage folder share the file.
package struct AgentFile: Sendable {
    /// What the application sends as `Authorization: Bearer …`.
    package let apiToken: Secret<String>
    /// Stands for the storage folder in what replicas tell each other.
    package let storage: String

    package static func path(in storage: StorageFolder) -> FilePath {
        storage.license.appending("agent.json")
    }

    /// Reads the file; makes it when there is none.
    ///
    /// - Throws: `license.state` for a file that is damaged, ``DiskError``
    package static func establish(in storage: StorageFolder) throws -> AgentFile {
        let path = path(in: storage)
        if try Disk.read(path) == nil {
            let json: JSONValue = [
                "schema": 1,
                "api_token": .string("ta_\(Base64URL.encode(SecureRandom.bytes(32)))"),
                "storage": .string(Hex.encode(SecureRandom.bytes(8))),
            ]
            try Disk.makeFolder(storage.license, mode: [.ownerReadWriteExecute])
            try Disk.createAtomically(json.prettyBytes, at: path, mode: [.ownerReadWrite])
        }
        guard let file = try read(in: storage) else {
            throw AgentError(
                .agentFile, "\(path) is damaged.",
                remedy: "Delete it and start the agent again: it makes a new one.")
        }
        return file
    }

    /// Reads the file; nil when there is none or it is damaged.
    package static func read(in storage: StorageFolder) throws -> AgentFile? {
        guard let bytes = try Disk.read(path(in: storage), maximumBytes: 1 << 16),
            let json = try? parseJSON(bytes), let token = json["api_token"]?.string,
            token.utf8.count >= 32, let marker = json["storage"]?.string
        else { return nil }
        return AgentFile(apiToken: Secret(token), storage: marker)
    }
}
