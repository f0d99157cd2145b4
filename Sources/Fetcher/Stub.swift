enum FetcherStub {}
