import CanonicalJSON
import Diagnostics
import Fetcher
import Packages

/// Journals: what is read is written as it was meant, and names nothing outside.
struct JournalParser: FuzzedParser {
    let name = "journal"
    let dictionary =
        JSONWords.all + [
            "\"schema\"", "\"staging\"", "\"entries\"", "\"name\"", "\"change\"", "\"put\"",
            "\"remove\"", "\"origin\"", "\"previous\"", "\"removed\"", "\"@acme/a\"", "\"..\"", "/",
        ]

    func parse(_ input: [UInt8]) throws -> String {
        do {
            let journal = try Journal(json: parseJSON(input))
            let again = try Journal(json: journal.json)
            try Violation.unless(
                again.entries == journal.entries && again.stagingName == journal.stagingName,
                "it is written as another one")
            let name = journal.stagingName
            try Violation.unless(
                !name.isEmpty && name != ".." && name != "." && !name.contains("/"),
                "the staging folder is \(name)")
            return "journal \(journal.entries.count)"
        } catch let error as JSONError {
            return "\(error.reason)"
        } catch let error as PackageError {
            return error.code.name
        }
    }
}
