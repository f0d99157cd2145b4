import Diagnostics
import FoundationEssentials
import Licensing
import Synchronization
import Testing

@testable import Agent

/// One picture for everybody, read anew when it may be another.
@Suite struct LicenseBoardTests {
    private let clock = TestClock()

    @Test func readsOnceForManyRequestsAndAnewAfterAWhile() async throws {
        let desk = TestDesk(clock)
        let board = LicenseBoard(desk, clock)
        for _ in 0..<5 { _ = try await board.picture() }
        #expect(desk.state.withLock(\.pictures) == 1)
        clock.set(clock.now + LicenseBoard.longestAge)
        _ = try await board.picture()
        #expect(desk.state.withLock(\.pictures) == 2)
        clock.set(clock.now - 86_400)
        _ = try await board.picture()
        #expect(desk.state.withLock(\.pictures) == 3)
    }

    @Test func announcesWhatChangedWithoutTheKey() async throws {
        let desk = TestDesk(clock)
        let heard = Announcements()
        let board = LicenseBoard(
            desk, clock: clock, replica: ReplicaID(storage: "here", sender: "me")
        ) { heard.append($0) }
        _ = try await board.add(Secret("tg_SECRET"))
        try await board.remove("lic_1")
        #expect(heard.all.map(\.kind) == [.added, .removed])
        #expect(heard.all.map(\.licenseID) == [nil, "lic_1"])
        for change in heard.all {
            let text = String(decoding: change.bytes, as: UTF8.self)
            #expect(!text.contains("SECRET"))
            #expect(LicenseChange(change.bytes) == change)
        }
    }

    @Test func aFailureIsNotAnnounced() async {
        let desk = TestDesk(clock)
        desk.edit { $0.failure = LicenseError(.licenseKeyInvalid, "no") }
        let heard = Announcements()
        let board = LicenseBoard(
            desk, clock: clock, replica: ReplicaID(storage: "here", sender: "me")
        ) { heard.append($0) }
        await #expect(throws: LicenseError.self) { try await board.add(Secret("tg_X")) }
        #expect(heard.all.isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: LicenseChange
        let isOurs: Bool
        let asksTheGateway: Bool

        init(
            _ description: String, _ kind: LicenseChange.Kind, instance: String = "ti_TEST",
            storage: String = "here", sender: String = "other", isOurs: Bool,
            asksTheGateway: Bool = false
        ) {
            testDescription = description
            change = LicenseChange(
                kind: kind, instanceID: instance, licenseID: nil, storage: storage, sender: sender)
            self.isOurs = isOurs
            self.asksTheGateway = asksTheGateway
        }
    }

    @Test(arguments: [
        Case("shared storage is read anew", .added, isOurs: true),
        Case("our own echo", .added, sender: "me", isOurs: false),
        Case("another instance", .added, instance: "ti_OTHER", isOurs: false),
        Case("own storage asks", .added, storage: "there", isOurs: true, asksTheGateway: true),
        Case(
            "own storage, removed", .removed, storage: "there", isOurs: true, asksTheGateway: true),
        Case("a refresh elsewhere makes no echo", .refreshed, storage: "there", isOurs: true),
    ])
    func takesOverWhatConcernsThisInstance(_ example: Case) async throws {
        let desk = TestDesk(clock)
        desk.edit {
            $0.picture.licenses = [
                LicensePicture.License(id: "lic_1", mode: "standard", state: "active")
            ]
        }
        let board = LicenseBoard(desk, clock)
        _ = try await board.picture()
        #expect(try await board.apply(example.change) == example.isOurs)
        #expect(desk.state.withLock(\.refreshed) == (example.asksTheGateway ? 1 : 0))
        let before = desk.state.withLock(\.pictures)
        _ = try await board.picture()
        let isReadAnew = desk.state.withLock(\.pictures) > before
        #expect(isReadAnew == example.isOurs)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"change":"gone"}"#, #"{"change":"added"}"#])
    func ignoresOtherMessages(_ text: String) {
        #expect(LicenseChange(Array(text.utf8)) == nil)
    }
}

/// What was announced.
final class Announcements: Sendable {
    private let changes = Mutex<[LicenseChange]>([])

    var all: [LicenseChange] { changes.withLock(\.self) }

    func append(_ change: LicenseChange) { changes.withLock { $0.append(change) } }
}
