enum GatewayTestsStub {}
