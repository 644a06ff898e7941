using System.Reflection;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Tests.Support;
using RpcGen.Protocol;

namespace RpcGen.Generators.Tests.Units;

public sealed class NamingRulesTests
{
    [Theory]
    [InlineData("IOrders", "Orders")]
    [InlineData("Inbox", "Inbox")]
    [InlineData("I", "I")]
    [InlineData("IÄpfel", "Äpfel")]
    [InlineData("I1", "I1")]
    [InlineData("Orders", "Orders")]
    public void A_leading_I_is_dropped_before_an_upper_case_letter(string name, string queue) =>
        Assert.Equal(queue, NamingRules.DefaultQueue(new Snippet($"public interface {name};").Type(name)));

    [Fact]
    public void Namespace_and_containing_types_are_part_of_the_queue() => Assert.Equal(
        "Demo.class.Outer.Inner.Orders",
        NamingRules.DefaultQueue(new Snippet("namespace Demo.@class; public class Outer { public class Inner { public interface IOrders; } }").Type("Demo.class.Outer+Inner+IOrders")));

    [Theory]
    [InlineData("FindAsync", "Find")]
    [InlineData("Find", "Find")]
    [InlineData("Async", "Async")]
    [InlineData("FindASYNC", "FindASYNC")]
    [InlineData("AsyncFind", "AsyncFind")]
    public void Async_is_dropped(string name, string expected) => Assert.Equal(expected, NamingRules.WithoutAsync(name));

    [Fact]
    public void Attributes_override_the_defaults()
    {
        var symbols = new Snippet("""
            [AmqpRpc("orders")] public partial interface IOrders { [RpcMethod("find")] Task FindAsync(); Task ListAsync(); }
            [AmqpRpc] public partial interface IPlain { Task A(); }
            """);
        Assert.Equal("orders", NamingRules.QueueOf(symbols.Type("IOrders"), symbols.Type("IOrders").GetAttributes()[0]));
        Assert.Equal("Plain", NamingRules.QueueOf(symbols.Type("IPlain"), symbols.Type("IPlain").GetAttributes()[0]));
        Assert.Equal("find", NamingRules.Of((IMethodSymbol)symbols.Member("IOrders", "FindAsync")));
        Assert.Equal("List", NamingRules.Of((IMethodSymbol)symbols.Member("IOrders", "ListAsync")));
    }

    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("amq.x", false, true, true)]
    [InlineData("amqx", true, true, true)]
    [InlineData("$x", true, false, true)]
    [InlineData("x$", true, true, true)]
    [InlineData("timeout", true, true, false)]
    public void Reserved_names_are_invalid(string name, bool isQueue, bool isMethod, bool isFaultCode) => Assert.Equal(
        (isQueue, isMethod, isFaultCode),
        (NamingRules.IsValidQueue(name), NamingRules.IsValidMethod(name), NamingRules.IsValidFaultCode(name)));

    [Theory]
    [InlineData('a', 255, true)]
    [InlineData('a', 256, false)]
    [InlineData('é', 127, true)]
    [InlineData('é', 128, false)]
    public void Names_have_at_most_255_bytes(char letter, int count, bool isValid) =>
        Assert.Equal(isValid, NamingRules.IsValidQueue(new string(letter, count)));

    /// <summary>A name that the generator accepts is one that the runtime accepts too.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Limits_of_queue_names_are_those_of_the_runtime(bool isBare, bool hasBroadcasts)
    {
        int limit = NamingRules.QueueLimit(isBare, hasBroadcasts);
        string longest = new('q', limit);
        Assert.True(NamingRules.IsValidQueue(longest, limit));
        Assert.False(NamingRules.IsValidQueue(longest + "q", limit));
        Check(longest);
        Assert.Throws<ArgumentException>(() => Check(longest + "q"));

        void Check(string queue)
        {
            QueueNames.ThrowIfInvalid(queue, "queue");
            QueueNames.ThrowIfTooLong(queue, isBare ? RpcBodyStyle.Bare : RpcBodyStyle.Object, "queue");
            if (hasBroadcasts)
            {
                QueueNames.ThrowIfTooLongToBroadcast(queue);
            }
        }
    }

    /// <summary>The runtime's list is internal to another assembly, so reflection reads it.</summary>
    [Fact]
    public void Reserved_codes_are_those_of_the_runtime()
    {
        Type codes = typeof(RpcConnection).Assembly.GetType("RpcGen.Protocol.FaultCodes", throwOnError: true)!;
        var all = (IReadOnlyCollection<string>)codes.GetProperty("All", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        Assert.Equal(all.Order(StringComparer.Ordinal), NamingRules.AllReservedCodes.Split(", ").Order(StringComparer.Ordinal));
        Assert.All(all, code => Assert.False(NamingRules.IsValidFaultCode(code)));
    }
}
