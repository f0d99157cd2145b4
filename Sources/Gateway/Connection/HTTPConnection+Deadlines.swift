import NIOCore

/// How long a client may take: what is set, and what happens when it is over.
extension HTTPConnection {
    /// The body's time begins now: its reader may have kept the client waiting until here.
    func startBodyTime() {
        bodyDue = .now() + limits.bodyAllowance
        if readHeldSince != nil { readHeldSince = .now() }
        setBodyDeadline()
    }

    /// Every byte gives the body time, but nobody saves up more than the reserve.
    func earnTime(_ bytes: Int) {
        let earned = TimeAmount.milliseconds(Int64(bytes) * 1000 / Int64(limits.bodyRate))
        bodyDue = max(bodyDue, min(bodyDue + earned, .now() + limits.bodyReserve))
    }

    func setBodyDeadline() {
        deadlines?.set(.body, at: bodyDue)
    }

    /// Forgets what the client has to send until when, and not that it has to take an answer.
    func forgetDeadlineOfClient() {
        if deadlines?.kind != .response { deadlines?.forget() }
    }

    func setDeadline(_ kind: Deadline, in time: TimeAmount) {
        deadlines?.set(kind, at: .now() + time)
    }

    func expire(_ kind: Deadline) {
        switch kind {
        case .idle, .linger: context?.close(promise: nil)
        case .head:
            guard !isAnswering else { return }
            // Who has sent nothing has asked nothing, and gets no answer.
            guard hasBytesOfHead else {
                abort()
                return
            }
            refuseRest(.timedOut("The head of the request took too long to arrive."))
        case .body:
            guard readHeldSince == nil else {
                setDeadline(.body, in: limits.bodyAllowance)
                return
            }
            guard bodyDue <= .now() else {
                setBodyDeadline()
                return
            }
            refuseRest(.timedOut("The body of the request came too slowly."))
        case .response:
            let left = unsent
            guard left != unsentAtLastLook else {
                abort()
                return
            }
            unsentAtLastLook = left
            setDeadline(.response, in: limits.stalledResponse)
        }
    }
}
