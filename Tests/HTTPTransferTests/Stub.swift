enum HTTPTransferTestsStub {}
