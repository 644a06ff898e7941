using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.RegularExpressions;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Limits;

/// <summary>A request with many violations costs no more than reading it, and its fault is hardly larger than itself.</summary>
public sealed class ViolationLimitTests
{
    private readonly BoundedService _service = new();

    [Theory]
    [InlineData(1, 4000)] // a long key, many violations
    [InlineData(4000, 1)] // many keys, a violation each
    [InlineData(60, 60)]
    public void Twice_the_violations_cost_twice_at_most(int keys, int nullsPerKey)
    {
        string once = Shelves(keys, nullsPerKey, keyLength: 20_000 / keys);
        string twice = Shelves(keys, 2 * nullsPerKey, keyLength: 40_000 / keys);
        _service.CostOfRefusal("Store", once);
        (long Allocated, int Reply) first = _service.CostOfRefusal("Store", once), second = _service.CostOfRefusal("Store", twice);

        Assert.InRange(first.Allocated, 0, 20L * once.Length + 200_000);
        Assert.InRange(second.Allocated, 0, (2.2 * first.Allocated) + 50_000);
        Assert.InRange(first.Reply, 0, 100_000);
        Assert.InRange(second.Reply, 0, 100_000);
    }

    [Fact]
    public void A_small_request_gets_a_small_fault()
    {
        string body = Shelves(keys: 1, nullsPerKey: 300, keyLength: 1000);

        (_, int reply) = _service.CostOfRefusal("Store", body);

        Assert.InRange(reply, 1000, 6000 + (4 * body.Length));
    }

    [Fact]
    public async Task Paths_are_cut_and_the_fault_says_that_violations_were_left_out()
    {
        IReadOnlyDictionary<string, string[]> errors = await _service.ViolationsAsync("Store", Shelves(keys: 1, nullsPerKey: 300, keyLength: 3000));

        Assert.Contains("can be more", Assert.Single(errors["$"]), StringComparison.Ordinal);
        Assert.All(errors.Keys, path => Assert.InRange(path.Length, 1, Violations.MaxTextLength));
        Assert.Contains(errors.Keys, path => path.StartsWith("stock.shelves.kkk", StringComparison.Ordinal) && path.EndsWith("…[0]", StringComparison.Ordinal));
        Assert.InRange(errors.Count, 20, Violations.MaxCount + 1);
    }

    [Fact]
    public async Task A_list_that_is_not_full_does_not_say_so()
    {
        IReadOnlyDictionary<string, string[]> errors = await _service.ViolationsAsync("Store", """{"stock":{"shelves":{"a":[null,{"size":0}]}}}""");

        Assert.Equal(["stock.shelves.a[0]", "stock.shelves.a[1].size"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_first_violation_is_kept_however_long()
    {
        var violations = new Violations(maxTextBytes: 10);

        violations.Add(new string('ü', 2000), new string('x', 2000));
        violations.Add("b", "It is bad.");

        Assert.True(violations.IsFull);
        Assert.Equal([$"{new string('ü', 1023)}…", "$"], violations.ToErrors().Keys);
        Assert.Equal(1024, violations.ToErrors().Values.First()[0].Length);
    }

    [Fact]
    public void A_surrogate_pair_is_not_split() => Assert.Equal("ab…", TextLimit.Shorten("ab😀c", 4));

    [Fact]
    public void After_the_last_violation_nothing_is_entered_or_asked()
    {
        var validation = new RpcValidation();
        for (int i = 0; i < Violations.MaxCount; i++)
        {
            validation.Add($"p{i}", "It is bad.");
        }

        Assert.False(validation.Enter("a"));
        Assert.False(validation.Enter(1));
        Assert.False(validation.EnterKey("a"));
        Assert.False(validation.CanCheck("other"));
        Assert.True(validation.IsMet(new Trap(), 1));
        validation.Check(new Trap(), 1, null, "n", "n", "n");
        validation.CheckWhole(new Trap(), 1, "n", name => name);
        validation.CheckWhole(new TrapObject(), "n", name => name);
        Assert.Equal(Violations.MaxCount, validation.Count);
    }

    [Fact]
    public async Task A_regular_expression_that_times_out_is_a_violation()
    {
        string evil = new string('a', 40);

        IReadOnlyDictionary<string, string[]> errors = await _service.ViolationsAsync("Code", $$"""{"code":"{{evil}}"}""");

        Assert.Equal(["$", "code"], errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("must match the regular expression", errors["code"][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_time_out_ends_the_check()
    {
        string evil = new string('a', 40);
        string codes = string.Join(',', Enumerable.Repeat($$"""{"text":"{{evil}}"}""", 1000));

        IReadOnlyDictionary<string, string[]> errors = await _service.ViolationsAsync("Codes", $$"""{"codes":[{{codes}}]}""");

        Assert.Equal(["$", "codes[0].text"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Time_outs_of_an_applications_own_attributes_are_violations_too()
    {
        var validation = new RpcValidation();

        validation.Check(new TimesOut(), 1, null, "n", "the n", "n");

        RpcValidationException thrown = Assert.Throws<RpcValidationException>(validation.ThrowIfInvalid);
        Assert.Equal("The field the n is invalid.", Assert.Single(thrown.Errors["n"]));
        var whole = new RpcValidation();
        Assert.True(whole.Enter("order"));
        whole.CheckWhole(new TimesOutObject(), "The order", name => name);
        Assert.Equal("The value of The order is invalid.", Assert.Single(Assert.Throws<RpcValidationException>(whole.ThrowIfInvalid).Errors["order"]));
    }

    [Fact]
    public void The_message_of_the_exception_is_short()
    {
        var errors = Enumerable.Range(0, 200).ToDictionary(i => $"p{i}", _ => new[] { new string('x', 500) });

        Assert.InRange(new RpcValidationException(errors).Message.Length, 1000, 4096);
    }

    [Fact]
    public void The_detail_of_a_fault_is_short()
    {
        var body = new PooledBuffer();

        FaultWriter.Write(body, "protocol", "A title.", new string('x', 1_000_000));

        Assert.InRange(body.Length, 1000, 3000);
    }

    [Fact]
    public async Task A_method_name_of_a_megabyte_is_not_echoed()
    {
        (CallOutcome outcome, ServerCall call) = await _service.HandleAsync(new string('x', 1_000_000), "{}");

        Assert.Equal((CallOutcome.Faulted, true), (outcome, call.Reply.Length < 3000));
    }

    private static string Shelves(int keys, int nullsPerKey, int keyLength)
    {
        var body = new StringBuilder("""{"stock":{"shelves":{""");
        for (int i = 0; i < keys; i++)
        {
            body.Append(i == 0 ? "" : ",").Append('"').Append(new string('k', keyLength)).Append(i).Append("\":[").AppendJoin(',', Enumerable.Repeat("null", nullsPerKey)).Append(']');
        }

        return body.Append("}}}").ToString();
    }

    private sealed class Trap : ValidationAttribute
    {
        public override bool IsValid(object? value) => throw new InvalidOperationException("It must not be asked.");
    }

    private sealed class TrapObject : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => throw new InvalidOperationException("It must not be asked.");
    }

    private sealed class TimesOut : ValidationAttribute
    {
        public override bool IsValid(object? value) => throw new RegexMatchTimeoutException();
    }

    private sealed class TimesOutObject : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => throw new RegexMatchTimeoutException();
    }
}
