using System.Text;
using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

/// <summary>What the reply that sends a request back says about it.</summary>
public sealed class AgainMessageTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("""{"ran":false}""", false)]
    [InlineData("""{"later":1,"ran":false}""", false)]
    [InlineData("""{"ran":true}""", true)]
    [InlineData("""{"ran":"no"}""", true)]
    [InlineData("[]", true)]
    [InlineData("""{"ran":fals""", true)]
    [InlineData("""{"\ud800":1}""", true)]
    public void A_request_may_have_run_unless_the_reply_says_that_it_did_not(string body, bool mayHaveRun) =>
        Assert.Equal(mayHaveRun, AgainMessages.MayHaveRun(Encoding.UTF8.GetBytes(body)));
}
