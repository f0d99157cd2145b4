package import FoundationEssentials

/// Which snapshot was current at one moment, on the word of somebody who may say so, for machines that
/// no fresh timestamp reaches.
///
/// It stands where the timestamp stands in the client workflow, and what is below it is verified the
/// same. What the snapshot's short life guards against, that somebody shows an old state for ever,
/// the statement's own end guards against; so the snapshot had to be in force when it was made.
package struct SnapshotStatement: Sendable, Hashable {
    package let created: Date
    package let expires: Date
    package let snapshot: FileDescription

    package init(created: Date, expires: Date, snapshot: FileDescription) {
        self.created = created
        self.expires = expires
        self.snapshot = snapshot
    }

    /// The same without the times, for who has not verified them yet and only looks where it leads.
    package var whateverItsTimes: SnapshotStatement {
        SnapshotStatement(created: .distantPast, expires: .distantFuture, snapshot: snapshot)
    }
}
