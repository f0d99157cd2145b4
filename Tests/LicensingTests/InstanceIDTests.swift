import CanonicalJSON
import Diagnostics
import Testing

@testable import Licensing

struct InstanceIDTests {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    @Test func idComesBackFromItsText() throws {
        let text = Samples.instance.description
        #expect(text.hasPrefix("ti_"))
        #expect(text.count == 36)
        #expect(try InstanceID(text) == Samples.instance)
        #expect(try InstanceID(text.lowercased()) == Samples.instance)
    }

    @Test func recordedFactsDoNotBind() {
        let elsewhere = InstanceFacts(
            binding: Samples.facts.binding, recorded: ["system.os": "freebsd"])
        #expect(InstanceID(facts: elsewhere) == Samples.instance)
        for (name, value) in Samples.facts.binding {
            var binding = Samples.facts.binding
            binding[name] = value + "x"
            #expect(InstanceID(facts: InstanceFacts(binding: binding)) != Samples.instance)
        }
    }

    @Test func pinnedIDIsTakenAsItIs() {
        let copied = InstanceFacts(pinned: Samples.instance.description)
        #expect(InstanceID(facts: copied) == Samples.instance)
        let named = InstanceID(facts: InstanceFacts(pinned: "production"))
        #expect(named != Samples.instance)
        #expect(named == InstanceID(facts: InstanceFacts(pinned: "production")))
    }

    @Test func everyWrongCharacterAndExchangeIsNoticed() {
        let text = Array(Samples.instance.description)
        for index in 3..<text.count {
            for wrong in Self.alphabet where wrong != text[index] {
                var changed = text
                changed[index] = wrong
                expectError(String(changed))
            }
            if index + 1 < text.count, text[index] != text[index + 1] {
                var changed = text
                changed.swapAt(index, index + 1)
                expectError(String(changed))
            }
            expectError(String(text.prefix(index)))
        }
        for other in ["", "ti_", String(text) + "0", "tx_" + String(text.dropFirst(3))] {
            expectError(other)
        }
    }

    @Test func saltedFactsNameWhatChanged() {
        let salted = Samples.facts.salted(with: [9, 9])
        #expect(salted.changes(in: Samples.facts) == [])
        #expect(Samples.facts.salted(with: [9, 8]).hashes != salted.hashes)
        let moved = InstanceFacts(
            binding: ["database.server": "postgresql/7415", "database.name": "app"])
        #expect(salted.changes(in: moved) == ["database.server"])
        let sqlite = InstanceFacts(binding: ["storage.id": "1"])
        #expect(
            salted.changes(in: sqlite) == ["database.name", "database.server", "storage.id"])
    }

    private func expectError(_ text: String) {
        let error = #expect(throws: LicenseError.self) { try InstanceID(text) }
        #expect(error?.code == .licenseInstanceID)
    }
}
