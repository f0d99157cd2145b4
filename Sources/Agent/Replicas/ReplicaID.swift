import Cryptography

/// Who an agent is among the replicas of one application.
package struct ReplicaID: Hashable, Sendable {
    /// Stands for the storage folder: the same at all replicas that share it.
    package let storage: String
    /// Stands for this process.
    package let sender: String

    package init(storage: String, sender: String = Hex.encode(SecureRandom.bytes(8))) {
        self.storage = storage
        self.sender = sender
    }
}
