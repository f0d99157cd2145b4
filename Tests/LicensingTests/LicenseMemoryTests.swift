import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

struct LicenseMemoryTests {
    private let now = Samples.now
    private let policy = CheckInPolicy(interval: 21600, retry: 3600, lease: 172_800)

    @Test func memoryComesBackFromJSON() throws {
        var memory = LicenseMemory()
        #expect(try LicenseMemory(json: memory.json) == memory)
        let token = Samples.token(Samples.standard { $0.issued = now - 90 })
        memory.remember(token, now: now)
        memory.recordCheckIn(token, at: now)
        memory.recordFailedCheckIn(of: "lic_1", at: now + 60, code: "network.dns")
        memory.recordFailedCheckIn(of: "lic_2", at: now + 61, code: "network.tls-untrusted")
        let again = try LicenseMemory(json: parseJSON(memory.json.prettyBytes))
        #expect(again == memory)
        #expect(again.clockSkew?.seconds == 90)
        #expect(again.lastCheckIn == now)
        let error = #expect(throws: LicenseError.self) { try LicenseMemory(json: [:]) }
        #expect(error?.code == .licenseState)
    }

    @Test func nothingSeenIsForgotten() {
        var memory = LicenseMemory()
        memory.remember(Samples.token(Samples.standard()), now: now)
        memory.remember(
            Samples.token(
                Samples.standard {
                    $0.sequence = 1
                    $0.issued = now - 9999
                }), now: now)
        #expect(memory.highestSequence == ["lic_1": 3])
        #expect(memory.latestProvenTime == now - Samples.hour)
    }

    @Test func checkInIsDueByThePolicyOfTheToken() {
        var memory = LicenseMemory()
        func next(at time: Date) -> Date { memory.nextCheckIn(of: "lic_1", policy, now: time) }
        let token = Samples.token(Samples.standard())
        #expect(next(at: now) <= now)
        memory.recordCheckIn(token, at: now)
        #expect(next(at: now + 1) == now + 21600)
        #expect(next(at: now - 1) == now - 1, "a clock that was set back knows nothing")
        #expect(memory.nextCheckIn(of: "lic_2", policy, now: now) <= now)
        memory.recordFailedCheckIn(of: "lic_1", at: now + 21600, code: "network.dns")
        #expect(next(at: now + 21600) == now + 21600 + 3600)
        memory.recordCheckIn(token, at: now + 30000)
        #expect(memory.checkIns["lic_1"]?.failure == nil)
        memory.forgetCheckIns(of: "lic_1")
        #expect(next(at: now) <= now)
    }
}
