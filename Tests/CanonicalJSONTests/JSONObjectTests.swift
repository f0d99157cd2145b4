import CanonicalJSON
import Testing

@Suite struct JSONObjectTests {
    @Test func keepsOrderThroughChanges() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        #expect(object.names == ["b", "a", "c"])
        object["a"] = nil
        #expect(object.map(\.name) == ["b", "c"])
        #expect(object["b"] == 4)
        #expect(object["a"] == nil)
    }

    @Test func appendsANameOnce() {
        var object = JSONObject()
        let first = object.append("a", 1)
        let second = object.append("a", 2)
        #expect(first && !second)
        #expect(object["a"] == 1 && object.count == 1)
    }

    @Test func ofEqualNamesTheLastWins() {
        #expect(JSONObject([("a", 1), ("a", 2)])["a"] == 2)
    }
}
