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
        memory.remember(Samples.token(Samples.standard()), now: now)
        memory.recordCheckIn(at: now, serverTime: now - 90)
        memory.recordFailedCheckIn(at: now + 60, code: "network.dns")
        let again = try LicenseMemory(json: parseJSON(memory.json.prettyBytes))
        #expect(again == memory)
        #expect(again.clockSkew == 90)
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
        #expect(memory.isCheckInDue(policy, now: now))
        memory.recordCheckIn(at: now, serverTime: now)
        #expect(!memory.isCheckInDue(policy, now: now + 21599))
        #expect(memory.isCheckInDue(policy, now: now + 21600))
        #expect(memory.isCheckInDue(policy, now: now - 1))
        memory.recordFailedCheckIn(at: now + 21600, code: "network.dns")
        #expect(!memory.isCheckInDue(policy, now: now + 21600 + 3599))
        #expect(memory.isCheckInDue(policy, now: now + 21600 + 3600))
        memory.recordCheckIn(at: now + 30000, serverTime: now)
        #expect(memory.lastFailure == nil)
    }
}
