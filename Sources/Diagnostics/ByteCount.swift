/// A number of bytes for people: `512 B`, `48 kB`, `1.2 MB`.
package struct ByteCount: CustomStringConvertible, Sendable {
    package let bytes: Int64

    package init(_ bytes: Int64) {
        self.bytes = bytes
    }

    package var description: String { "\(number(in: unit)) \(unit.name)" }

    /// `120.3 of 280.1 MB`: this many of a larger count, in its unit.
    package func description(of whole: ByteCount) -> String {
        "\(number(in: whole.unit)) of \(whole)"
    }

    private typealias Unit = (name: String, bytes: Int64)

    private static let units: [Unit] = [
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
    ]

    private var unit: Unit { Self.units.first { bytes >= $0.bytes } ?? ("B", 1) }

    /// With one decimal from a megabyte on.
    private func number(in unit: Unit) -> String {
        guard unit.bytes >= 1_000_000 else { return "\(bytes / unit.bytes)" }
        let tenths = bytes / (unit.bytes / 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
