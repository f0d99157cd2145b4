import Diagnostics
import Glibc

/// A result that standard output did not take.
struct LostResult: Failure {
    let code: FailureCode
    let message: String
    let specificRemedy: String? = """
        Make room where standard output goes, or send it elsewhere. What was done is done; run again \
        to see the result.
        """
    let cause: (any Error)? = nil

    /// - Parameter errno: what write(2) left
    init(errno: Int32) {
        code = .disk(errno)
        message =
            "Could not write the result to standard output: \(String(cString: strerror(errno)))."
    }
}
