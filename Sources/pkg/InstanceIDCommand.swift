import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import Licensing
import TerminalOutput

/// `pkg instance-id`.
struct InstanceIDCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance-id",
        abstract: "Prints the Instance ID of this installation.",
        discussion: """
            The ID is made of facts that survive restarts, updates and new containers. Send it to \
            your vendor when a license says that it is bound to another instance.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Show the facts that the ID is made of.")
    var facts = false

    @Flag(help: "Make the ID anew, where it is not a database server that says it.")
    var force = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings()
            if force, settings.instanceID != nil {
                throw UsageError(
                    "The Instance ID is pinned by TOLLGATE_INSTANCE_ID, and --force cannot change it.",
                    remedy: "Change or remove TOLLGATE_INSTANCE_ID (instanceId in pkg.yaml).")
            }
            let identity = try await Identity.establish(in: settings, anew: force) {
                Terminal.note($0)
            }
            for notice in identity.notices { Terminal.note("warning: \(notice)") }
            if json {
                Terminal.print(identity.json(withFacts: facts))
            } else {
                Terminal.print(identity.id.description)
                for fact in facts ? identity.factLines : [] { Terminal.print("  \(fact)") }
            }
        }
    }
}
