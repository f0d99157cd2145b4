import Diagnostics
import Tarball

/// Gzip members: the input is the whole file.
struct GzipParser: FuzzedParser {
    let name = "gzip"
    let dictionary = ["\u{1F}", "\u{8}", "\u{0}", "\u{4}", "\u{2}", "\u{10}", "\u{1F}\u{0}"]

    func parse(_ input: [UInt8]) throws -> String {
        let limit = 1 << 20
        let (end, count) = inflated(input, limit)
        try Violation.unless(count <= limit, "\(count) bytes came of it")
        return try "\(end) \(Scratch.shared.inspect(input, unpacking: false))"
    }

    private func inflated(_ input: [UInt8], _ limit: Int) -> (end: String, count: Int) {
        do {
            return ("content", try gunzipped(input, maximumLength: limit).count)
        } catch {
            return (error.code.name, 0)
        }
    }
}
