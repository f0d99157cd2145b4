import ArgumentParser

/// How log lines look.
package enum LogFormat: String, ExpressibleByArgument, Sendable, CaseIterable {
    /// For people: time, level, message, `name=value`.
    case text
    /// One JSON object a line.
    case json
}
