import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What `pkg doctor --json` said.
struct Examination {
    let status: Int32
    /// `network.dns` by `gateway.name`, of the checks that failed.
    private(set) var failed: [String: [String]] = [:]
    private(set) var warned: [String: [String]] = [:]
    private(set) var notChecked: Set<String> = []
    private(set) var messages: [String: String] = [:]

    init(_ outcome: Outcome) throws {
        status = outcome.status
        let json = try outcome.json
        for check in json["checks"]?.array ?? [] {
            let name = try #require(check["check"]?.string)
            let code = check["code"]?.string ?? ""
            messages[name, default: ""] += check["message"]?.string ?? ""
            switch check["state"]?.string {
            case "failed": failed[name, default: []].append(code)
            case "warning": warned[name, default: []].append(code)
            case "not-checked": notChecked.insert(name)
            default: break
            }
        }
        #expect(json["exit_status"]?.integer == Int64(status))
    }
}

extension Customer {
    func doctor(_ more: [String] = ["--app-version", "1.0.0"]) async throws -> Examination {
        try Examination(
            await run(Programs.pkg, ["doctor", "--json"] + more, environment: environment))
    }

    /// A machine without a gateway of its own: what is to be found is found before one is needed.
    static func alone(
        in folder: FilePath, gateway: String = "http://127.0.0.1:9",
        _ environment: [String: String] = [:]
    ) throws -> Customer {
        var customer = try Customer(
            in: folder, gateway: gateway, key: "tg_0WJ42QKVK2TX5V26HB7H6NWM07")
        customer.environment.merge(environment) { $1 }
        return customer
    }

    /// Every file below the storage folder with size, time and mode, and every folder's name.
    func listing() async throws -> String {
        let outcome = try await run(
            "/usr/bin/find",
            [
                storage.string, "-type", "d", "-printf", "%P %m\n", "-o", "-printf",
                "%P %s %T@ %m\n",
            ])
        return outcome.output.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
