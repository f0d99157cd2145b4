import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Storage
import TerminalOutput

extension Tokens {
    /// `tollgate tokens create`: a publish token, shown once.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a publish token and print it, this once.",
            discussion: """
                It publishes, deprecates, withdraws and tags the plugins that it names, and reads \
                them. In an .npmrc: //plugins.acme.example/:_authToken=TOKEN
                """)

        @OptionGroup var data: DataFolderOption

        @Option(
            name: .customLong("publish"),
            help: "A plugin that it is for, or @acme/* for a scope; may be said several times.")
        var plugins: [String]

        @Option(help: "Who has it: what `npm whoami` and the audit log say.")
        var name: String

        @Option(help: "For how many days it holds; without it, until it is revoked.")
        var days: Int?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard !plugins.isEmpty else { throw ValidationError("Name a plugin by --publish.") }
            guard days.map({ (1...3650).contains($0) }) ?? true else {
                throw ValidationError("A token holds 1 to 3650 days.")
            }
            guard !name.isEmpty, !name.unicodeScalars.contains(where: \.isUnprintable) else {
                throw ValidationError("Say in one line who has it.")
            }
        }

        func run() async throws {
            let made = try await data.openVendor().makePublishToken(
                named: name, for: plugins, lifetime: days.map { TimeInterval($0) * 86_400 },
                by: DataFolderOption.actor)
            if json {
                var members = made.record.shown
                members["token"] = .string(made.token.reveal())
                Terminal.print(.object(members))
                return
            }
            Terminal.print(
                """
                Made token \(made.record.id) for \(name).

                token          \(made.token.reveal())
                               Shown this once; the gateway keeps only its digest.
                """)
        }
    }
}

extension AccessTokenRecord {
    /// For programs; never the token.
    var shown: JSONObject {
        var members: JSONObject = [
            "id": .string(id), "name": .string(name), "scope": .string(scope.word),
            "created": .string(created.written), "read_only": .bool(isReadOnly),
        ]
        switch scope {
        case .admin: break
        case .publish(let plugins): members["plugins"] = .array(plugins.map { .string($0) })
        case .license(let id): members["license"] = .string(id)
        }
        members["expires"] = expires.map { .string($0.written) }
        members["parent"] = parent.map { .string($0) }
        return members
    }

    /// What it is for, for people.
    var purpose: String {
        switch scope {
        case .admin: "everything"
        case .publish(let plugins): plugins.joined(separator: ", ")
        case .license(let id): id
        }
    }
}
