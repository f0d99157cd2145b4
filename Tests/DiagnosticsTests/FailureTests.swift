import Diagnostics
import Testing

@Suite struct FailureTests {
    struct Sample: Failure {
        let code = FailureCode.usage
        let message = "The flag --x takes a number, not \"y\"."
        var specificRemedy: String?
        var cause: (any Error)?
    }

    struct Cause: Error, CustomStringConvertible {
        let description = "not a digit"
    }

    @Test func takesTheRemedyOfItsCode() {
        #expect(Sample().remedy == FailureCode.usage.remedy)
        #expect(Sample(specificRemedy: "Say --x 7.").remedy == "Say --x 7.")
    }

    @Test func describesCodeMessageAndCause() {
        #expect(
            "\(Sample())" == "usage.invalid: The flag --x takes a number, not \"y\".")
        #expect(
            "\(Sample(cause: Cause()))"
                == "usage.invalid: The flag --x takes a number, not \"y\". (not a digit)")
    }

    /// A domain's error that has nothing more to say than its code and message.
    @Test func needsNeitherRemedyNorCause() {
        struct Plain: Failure {
            let code = FailureCode.unexpected
            let message = "Something."
        }
        #expect(Plain().cause == nil && Plain().specificRemedy == nil)
        #expect(Plain().remedy == FailureCode.unexpected.remedy)
    }
}
