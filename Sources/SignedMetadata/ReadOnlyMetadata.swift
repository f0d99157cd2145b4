/// Stored metadata to look at: what is saved or removed is not.
package struct ReadOnlyMetadata: MetadataStore {
    private let store: any MetadataStore

    package init(_ store: some MetadataStore) {
        self.store = store
    }

    package func load(_ role: String) throws -> [UInt8]? { try store.load(role) }
    package func save(_ role: String, _ bytes: [UInt8]) throws {}
    package func remove(_ role: String) throws {}
}
