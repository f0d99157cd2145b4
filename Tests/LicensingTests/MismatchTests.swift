import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

/// The sentence that names what is different from the instance of the activation.
@Suite struct MismatchTests {
    struct Case: Sendable {
        let now: [String: String]
        let words: [String]
    }

    @Test(arguments: [
        Case(
            now: ["database.server": "postgresql/7415", "database.name": "app"],
            words: [
                "database.server (was postgresql/7301, is postgresql/7415).",
                "Unchanged: database.name.", "moved to another server or restored",
            ]),
        Case(
            now: ["database.server": "postgresql/7301", "database.name": "test"],
            words: [
                "database.name (was app, is test).", "Unchanged: database.server.",
                "Another database of the same server",
            ]),
        Case(
            now: ["storage.id": "1"],
            words: [
                "database.server (was postgresql/7301, is not there)",
                "storage.id (was not there, is 1)", "No database server is configured any more",
            ]),
        Case(
            now: ["pinned": "x"],
            words: [
                "pinned (was not there, is x)",
                "TOLLGATE_INSTANCE_ID is set now and was not then.",
            ]),
    ])
    func theValuesBeforeAndNowAreShown(_ example: Case) throws {
        for hashed in [Samples.facts.salted(with: [1]), nil] {
            let facts = InstanceFacts(
                binding: example.now,
                before: [["storage.id": "older"], Samples.facts.binding, ["storage.id": "oldest"]])
            let claims = Samples.standard { $0.facts = hashed }
            let message = try message(claims, facts)
            for words in example.words { #expect(message.contains(words), "\(message)") }
        }
    }

    @Test func fromTheFolderToAServer() throws {
        let folder = InstanceFacts(binding: ["storage.id": "1"])
        let claims = Samples.standard {
            $0.instances = [InstanceBinding(id: InstanceID(facts: folder))]
            $0.facts = folder.salted(with: [1])
        }
        let facts = InstanceFacts(binding: Samples.facts.binding, before: [folder.binding])
        let message = try message(claims, facts)
        #expect(message.contains("storage.id (was 1, is not there)"))
        #expect(message.contains("A database server is configured now"))
    }

    struct PinCase: Sendable {
        let then: [String: String]
        let now: [String: String]
        let sentence: String
        let remedy: String
    }

    @Test(arguments: [
        PinCase(
            then: ["storage.id": "1"], now: ["pinned": "prod-eu"],
            sentence: "TOLLGATE_INSTANCE_ID is set now and was not then.",
            remedy: "Remove TOLLGATE_INSTANCE_ID."),
        PinCase(
            then: ["pinned": "prod-eu"], now: ["pinned": "prod-us"],
            sentence: "TOLLGATE_INSTANCE_ID has another value now.",
            remedy: "Set TOLLGATE_INSTANCE_ID to the value that it had at the activation."),
        PinCase(
            then: ["pinned": "prod-eu"], now: ["storage.id": "1"],
            sentence: "TOLLGATE_INSTANCE_ID was set then and is missing now.",
            remedy: "Set TOLLGATE_INSTANCE_ID to the value that it had at the activation."),
    ])
    func changedPinIsTheReasonBeforeAllOthers(_ example: PinCase) throws {
        let then = InstanceFacts(binding: example.then)
        let facts = InstanceFacts(binding: example.now, before: [example.then])
        for (hashed, mode) in [
            (then.salted(with: [1]), LicenseMode.standard), (nil, .standard), (nil, .offline),
        ] {
            let failure = try failure(
                Samples.standard {
                    $0.mode = mode
                    $0.instances = [InstanceBinding(id: InstanceID(facts: then))]
                    $0.facts = hashed
                }, facts)
            #expect(failure.message.hasSuffix(example.sentence), "\(failure.message)")
            #expect(failure.remedy.hasPrefix(example.remedy), "\(failure.remedy)")
            #expect(!failure.remedy.contains("DATABASE_URL"))
            #expect(
                failure.remedy.contains(
                    mode == .offline ? "`pkg license add -f FILE`" : "`pkg license rebind`"))
        }
    }

    @Test func withoutTheFactsOfThenTheNamesAreShownAlone() throws {
        let facts = InstanceFacts(binding: ["storage.id": "1"], before: [["storage.id": "2"]])
        let named = try message(Samples.standard(), facts)
        #expect(
            named.contains(
                "Different since the activation: database.name, database.server, storage.id."))
        let unknown = try message(Samples.standard { $0.facts = nil }, facts)
        #expect(!unknown.contains("Different"))
    }

    private func message(_ claims: LicenseClaims, _ facts: InstanceFacts) throws -> String {
        try failure(claims, facts).message
    }

    private func failure(_ claims: LicenseClaims, _ facts: InstanceFacts) throws -> LicenseError {
        let status = evaluate(
            [Samples.token(claims)], instance: InstanceID(facts: facts), facts: facts,
            memory: LicenseMemory(), now: Samples.now)
        #expect(status.failure?.code == .licenseKeyMismatch)
        return try #require(status.failure)
    }
}
