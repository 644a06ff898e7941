using System.Text;
using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;

namespace RpcGen.Tests.Protocol;

public sealed class FaultCodecTests
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));
    private static readonly FailingMethod Method = new(Json);

    public static TheoryData<string, Type, RpcExecution> Reserved => new()
    {
        { FaultCodes.Validation, typeof(RpcValidationException), RpcExecution.NotStarted },
        { FaultCodes.Protocol, typeof(RpcProtocolException), RpcExecution.NotStarted },
        { FaultCodes.TooLarge, typeof(RpcProtocolException), RpcExecution.NotStarted },
        { FaultCodes.ResultTooLarge, typeof(RpcProtocolException), RpcExecution.Started },
        { FaultCodes.UnknownMethod, typeof(RpcProtocolException), RpcExecution.NotStarted },
        { FaultCodes.Unsupported, typeof(RpcProtocolException), RpcExecution.NotStarted },
        { FaultCodes.Unavailable, typeof(RpcUnavailableException), RpcExecution.NotStarted },
        { FaultCodes.Overloaded, typeof(RpcUnavailableException), RpcExecution.NotStarted },
        { FaultCodes.Interrupted, typeof(RpcConnectionException), RpcExecution.Unknown },
        { FaultCodes.Internal, typeof(RpcRemoteException), RpcExecution.Started },
        { FaultCodes.Timeout, typeof(RpcTimeoutException), RpcExecution.Started },
        { FaultCodes.Cancelled, typeof(RpcRemoteException), RpcExecution.Started },
        { FaultCodes.Unauthenticated, typeof(RpcAccessDeniedException), RpcExecution.NotStarted },
        { FaultCodes.PermissionDenied, typeof(RpcAccessDeniedException), RpcExecution.NotStarted },
    };

    [Theory]
    [MemberData(nameof(Reserved))]
    public void Reserved_codes_become_exceptions(string code, Type type, RpcExecution execution)
    {
        var body = new PooledBuffer();
        FaultWriter.Write(body, code, "A title.", "A detail.");

        var exception = Assert.IsType<RpcException>(FaultReader.Read(body.Written, Method, "the queue", "id", hasEarlierAttempts: false, out string? known), exactMatch: false);

        Assert.IsType(type, exception);
        Assert.Equal((code, "id", "Fail", execution), (known, exception.CallId, exception.Method, exception.Execution));
        Assert.Contains("A detail.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(code, FaultReader.ReadCode(body.Written));
        Assert.Equal($$"""{"type":"urn:rpcgen:fault:{{code}}","title":"A title.","detail":"A detail."}""", Text(body));
    }

    [Fact]
    public void Exceptions_have_the_details_of_their_code()
    {
        Assert.Equal("the queue", Assert.IsType<RpcUnavailableException>(Read("overloaded", "")).Queue);
        Assert.Equal(RpcUnavailableReason.Overloaded, Assert.IsType<RpcUnavailableException>(Read("overloaded", "")).Reason);
        Assert.True(Assert.IsType<RpcAccessDeniedException>(Read("unauthenticated", "")).IsUnauthenticated);
        Assert.False(Assert.IsType<RpcAccessDeniedException>(Read("permission-denied", "")).IsUnauthenticated);
        Assert.Equal("internal", Assert.IsType<RpcRemoteException>(Read("internal", "")).Code);
        Assert.Equal("a stack", Assert.IsType<RpcRemoteException>(Read("internal", """, "exception": "a stack" """)).RemoteDetails);
    }

    [Theory]
    [InlineData("true", RpcExecution.Started)]
    [InlineData("false", RpcExecution.NotStarted)]
    [InlineData("1", RpcExecution.Started)]
    [InlineData("null", RpcExecution.Unknown)]
    public void The_fault_itself_says_whether_the_method_ran(string ran, RpcExecution execution) =>
        Assert.Equal(execution, Assert.IsType<RpcTimeoutException>(Read("timeout", $""", "ran": {ran} """)).Execution);

    [Theory]
    [InlineData(null, "overloaded", RpcExecution.NotStarted)]
    [InlineData(RpcExecution.Started, "overloaded", RpcExecution.Started)]
    [InlineData(RpcExecution.Unknown, "overloaded", RpcExecution.Unknown)]
    [InlineData(RpcExecution.NotStarted, "timeout", RpcExecution.NotStarted)]
    [InlineData(RpcExecution.Unknown, "validation", RpcExecution.Unknown)]
    public void Whether_the_call_ran_is_read_as_it_was_written(RpcExecution? execution, string code, RpcExecution expected)
    {
        var body = new PooledBuffer();
        switch (code)
        {
            case "overloaded":
                FaultWriter.WriteOverloaded(body, "A detail.", TimeSpan.FromSeconds(1), execution);
                break;
            case "validation":
                FaultWriter.WriteValidation(body, new RpcValidationException(new Dictionary<string, string[]> { ["a"] = ["one"] }), execution);
                break;
            default:
                FaultWriter.Write(body, code, "A title.", "A detail.", execution);
                break;
        }

        Assert.Equal(expected, Assert.IsType<RpcException>(ReadBody(Text(body), out _), exactMatch: false).Execution);
    }

    [Theory]
    [InlineData("overloaded", "", RpcExecution.Unknown)]
    [InlineData("overloaded", ", \"ran\": true", RpcExecution.Started)]
    [InlineData("interrupted", "", RpcExecution.Unknown)]
    [InlineData("internal", "", RpcExecution.Started)]
    public void A_server_that_refuses_a_call_does_not_know_of_its_earlier_attempts(string code, string members, RpcExecution execution)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"type":"urn:rpcgen:fault:{{code}}","detail":"Why."{{members}}}""");

        var exception = Assert.IsType<RpcException>(FaultReader.Read(body, Method, "the queue", "id", hasEarlierAttempts: true, out _), exactMatch: false);

        Assert.Equal(execution, exception.Execution);
        Assert.Equal(code == "overloaded" && members.Length == 0, exception.Message.Contains("An earlier attempt may have run.", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_fault_says_overrides_its_code() =>
        Assert.Equal(RpcExecution.Started, Assert.IsType<RpcProtocolException>(Read("too-large", ", \"ran\": true")).Execution);

    [Fact]
    public void An_unknown_code_becomes_a_remote_exception_and_no_attribute_of_metrics()
    {
        Exception exception = ReadBody("""{"type":"urn:rpcgen:fault:strange"}""", out string? known);

        Assert.Equal("strange", Assert.IsType<RpcRemoteException>(exception).Code);
        Assert.Equal(RpcExecution.Started, ((RpcException)exception).Execution);
        Assert.Null(known);
        Assert.Contains("The server gave no reason.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"title":"the title"}""", "the title")]
    [InlineData("""{"title":"the title","detail":"the detail"}""", "the detail")]
    [InlineData("""{"title":"the title","detail":7}""", "the title")]
    [InlineData("""{"type":"about:blank","detail":"the detail"}""", "the detail")]
    [InlineData("""{"type":7,"detail":"the detail"}""", "the detail")]
    public void A_problem_of_another_kind_is_internal(string body, string message)
    {
        Exception exception = ReadBody(body, out string? known);

        Assert.Equal("internal", Assert.IsType<RpcRemoteException>(exception).Code);
        Assert.Equal("internal", known);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal("internal", FaultReader.ReadCode(Encoding.UTF8.GetBytes(body)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"fault\"")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"urn:rpcgen:fault:declared\",\"data\":{\"Amount\":\"no number\"}}")]
    [InlineData("""{"type":"urn:rpcgen:fault:timeout","type":"urn:rpcgen:fault:validation"}""")] // readers could differ about it
    public void An_unreadable_fault_is_an_error_of_protocol(string body)
    {
        var exception = Assert.IsType<RpcProtocolException>(ReadBody(body, out string? known));

        Assert.Equal(("id", "Fail"), (exception.CallId, exception.Method));
        Assert.Contains("'Fail'", exception.Message, StringComparison.Ordinal);
        Assert.IsType<Exception>(exception.InnerException, exactMatch: false);
        Assert.True(known is null or "declared");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("""{"type":"urn:rpcgen:fault:timeout","type":"urn:rpcgen:fault:validation"}""")] // readers could differ about it
    public void An_unreadable_fault_has_no_code(string body) =>
        Assert.Null(FaultReader.ReadCode(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"fault\"")]
    public void A_fault_that_is_not_an_object_says_so(string body) =>
        Assert.Equal("The server replied to 'Fail' with an unreadable fault: it is not a JSON object.", ReadBody(body, out _).Message);

    [Fact]
    public void The_writer_of_the_thread_is_given_back()
    {
        Utf8JsonWriter writer = JsonWriters.Rent(new PooledBuffer());
        JsonWriters.Return(writer);

        FaultWriter.Write(new PooledBuffer(), FaultCodes.Internal, "A title.", "A detail.");

        Assert.Same(writer, JsonWriters.Rent(new PooledBuffer()));
    }

    [Fact]
    public void The_depth_of_a_fault_is_limited()
    {
        string Nested(int depth) => $"{{\"x\":{new string('[', depth)}{new string(']', depth)}}}";

        Assert.IsType<RpcRemoteException>(ReadBody(Nested(JsonLimits.MaxDepth - 1), out _));
        Assert.IsType<RpcProtocolException>(ReadBody(Nested(JsonLimits.MaxDepth), out _));
        Assert.Equal("internal", FaultReader.ReadCode(Encoding.UTF8.GetBytes(Nested(JsonLimits.MaxDepth - 1))));
        Assert.Null(FaultReader.ReadCode(Encoding.UTF8.GetBytes(Nested(JsonLimits.MaxDepth))));
    }

    [Fact]
    public void A_validation_fault_has_every_violation()
    {
        var body = new PooledBuffer();
        FaultWriter.WriteValidation(body, new RpcValidationException(new Dictionary<string, string[]> { ["a"] = ["one", "two"], ["b.c"] = ["three"] }));

        var exception = Assert.IsType<RpcValidationException>(FaultReader.Read(body.Written, Method, "q", "id", hasEarlierAttempts: false, out _));

        Assert.Equal("""{"type":"urn:rpcgen:fault:validation","title":"The arguments break the contract.","errors":{"a":["one","two"],"b.c":["three"]}}""", Text(body));
        Assert.Equal(["one", "two"], exception.Errors["a"]);
        Assert.Equal(["three"], exception.Errors["b.c"]);
        Assert.Equal(2, exception.Errors.Count);
    }

    [Theory]
    [InlineData("""{"a":"text"}""", "a", "text")]
    [InlineData("""{"a":[1]}""", "a", "1")]
    [InlineData("{}", "$", "why")]
    [InlineData("[]", "$", "why")]
    public void Violations_of_other_forms_are_read_as_well(string errors, string path, string message)
    {
        var exception = Assert.IsType<RpcValidationException>(Read("validation", $""", "detail": "why", "errors": {errors} """));

        Assert.Equal([message], Assert.Single(exception.Errors, error => error.Key == path).Value);
    }

    [Fact]
    public void A_declared_fault_is_rebuilt()
    {
        var body = new PooledBuffer();
        FaultWriter.WriteDeclared(body, new DeclaredFault(Json), new DeclaredException("too little", 7));

        var exception = Assert.IsType<DeclaredException>(FaultReader.Read(body.Written, Method, "q", "id", hasEarlierAttempts: false, out string? known));

        Assert.Equal("""{"type":"urn:rpcgen:fault:declared","title":"The service reported a fault.","detail":"too little","data":{"Amount":7}}""", Text(body));
        Assert.Equal(("too little", 7, "declared"), (exception.Message, exception.Amount, known));
    }

    [Fact]
    public void A_declared_fault_that_cannot_be_rebuilt_reaches_the_caller_all_the_same()
    {
        var exception = Assert.IsType<RpcRemoteException>(Read("declared", """, "detail": "throw" """));

        Assert.Equal(("declared", "id", "Fail"), (exception.Code, exception.CallId, exception.Method));
        Assert.Contains("could not be rebuilt", exception.RemoteDetails, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, """{"type":"urn:rpcgen:fault:internal","title":"The service failed.","detail":"why"}""")]
    [InlineData("a stack", """{"type":"urn:rpcgen:fault:internal","title":"The service failed.","detail":"why","exception":"a stack"}""")]
    public void An_internal_fault_shows_the_exception_only_if_disclosed(string? disclosed, string expected)
    {
        var body = new PooledBuffer();

        FaultWriter.WriteInternal(body, "why", disclosed);

        Assert.Equal(expected, Text(body));
    }

    [Fact]
    public void Contracts_cannot_declare_reserved_codes()
    {
        Assert.Equal(Reserved.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), FaultCodes.All.Order(StringComparer.Ordinal));
        Assert.True(FaultCodes.IsReserved("timeout"));
        Assert.False(FaultCodes.IsReserved("Timeout"));
    }

    [Fact]
    public void The_server_is_at_fault_for_its_own_failures_only()
    {
        string[] servers = [.. FaultCodes.All.Where(FaultCodes.IsServersFailure).Order(StringComparer.Ordinal)];

        Assert.Equal(["cancelled", "internal", "interrupted", "overloaded", "result-too-large", "timeout", "unavailable"], servers);
        Assert.False(FaultCodes.IsServersFailure("declared"));
        Assert.False(FaultCodes.IsServersFailure(null));
    }

    private static Exception Read(string code, string members) => ReadBody($$"""{"type":"urn:rpcgen:fault:{{code}}"{{members}}}""", out _);

    private static Exception ReadBody(string body, out string? known) => FaultReader.Read(Encoding.UTF8.GetBytes(body), Method, "the queue", "id", hasEarlierAttempts: false, out known);

    private static string Text(PooledBuffer body) => Encoding.UTF8.GetString(body.Written.Span);

    private sealed class FailingMethod(RpcJson json) : RpcMethod<FaultCodecTests, int, int>(json, "Fail")
    {
        public override IReadOnlyList<RpcFault> Faults { get; } = [new DeclaredFault(Json)];

        public override ValueTask<int> InvokeAsync(FaultCodecTests service, int arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class DeclaredException(string message, int amount) : Exception(message)
    {
        public int Amount { get; } = amount;
    }

    private sealed class DeclaredFault(RpcJson json) : RpcFault<DeclaredException>(json, "declared")
    {
        private readonly RpcProperty<int> _amount = new(json, "Amount");

        protected override void Write(Utf8JsonWriter writer, DeclaredException exception) => writer.WriteNumber("Amount"u8, exception.Amount);

        protected override DeclaredException Read(RpcFaultData data) =>
            data.Message == "throw" ? throw new InvalidOperationException("a bug") : new DeclaredException(data.Message, data.Get(_amount));
    }
}
