import Packages

extension Report {
    /// The report for people: a table, then one line.
    package var text: String {
        let table = TextTable(
            ["PLUGIN", "INSTALLED", "WANTED", "OUTCOME", "WHY"],
            rows.map { row in
                [
                    row.name.description, row.installed?.description ?? "-",
                    row.wanted?.description ?? "-",
                    row.outcomeText,
                    row.explanation,
                ]
            })
        return rows.isEmpty ? summary : "\(table.text)\n\(summary)"
    }
}

extension Report.Row {
    /// The outcome with the reason of a mismatch.
    fileprivate var outcomeText: String {
        guard let mismatch else { return outcome.rawValue }
        let reason = "mismatch: \(mismatch.rawValue)"
        return outcome == .mismatch ? reason : "\(outcome.rawValue), \(reason)"
    }
}
