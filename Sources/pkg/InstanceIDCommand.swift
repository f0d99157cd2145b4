import ArgumentParser
import CanonicalJSON
import CustomerCommand
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

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let identity = try Identity.establish(in: try common.settings())
            if json {
                Terminal.print(identity.json(withFacts: facts))
            } else {
                Terminal.print(identity.id.description)
                for fact in facts ? identity.factLines : [] { Terminal.print("  \(fact)") }
            }
        }
    }
}
