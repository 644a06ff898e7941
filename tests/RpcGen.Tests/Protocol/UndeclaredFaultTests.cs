using RpcGen.Protocol;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Protocol;

/// <summary>Faults of servers whose contract is another version, or that are written in another language.</summary>
public sealed class UndeclaredFaultTests
{
    [Theory]
    [InlineData("sold-out", "The server answered 'Do' with the fault 'sold-out', which 'q' does not declare: None left.")]
    [InlineData("internal", "None left.")]
    public void The_message_says_that_the_contract_does_not_declare_the_code(string code, string expected)
    {
        byte[] body = System.Text.Encoding.UTF8.GetBytes($$"""{"type":"urn:rpcgen:fault:{{code}}","detail":"None left."}""");
        var exception = Assert.IsType<RpcRemoteException>(FaultReader.Read(body, new TestMethod<int>(), "the queue", "id", hasEarlierAttempts: false, out _));
        Assert.Equal((code, expected), (exception.Code, exception.Message));
    }
}
