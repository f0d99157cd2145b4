enum FetcherTestsStub {}
