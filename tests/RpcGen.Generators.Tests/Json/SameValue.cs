using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Generators.Tests.Json;

/// <summary>Compares a value with the one that arrived: the samples' own types by everything that they hold, others as they compare themselves.</summary>
internal static class SameValue
{
    public static bool Are(object? sent, object? arrived)
    {
        if (sent is JsonNode node && arrived is JsonNode other)
        {
            return JsonNode.DeepEquals(node, other);
        }

        if (sent is null || arrived is null || sent.GetType() != arrived.GetType())
        {
            // Interfaces of collections arrive as other types.
            return (sent is null && arrived is null) || (sent is IEnumerable ones && arrived is IEnumerable others && AreAll(ones, others));
        }

        Type type = sent.GetType();
        return sent switch
        {
            ITuple tuple => Enumerable.Range(0, tuple.Length).All(i => Are(tuple[i], ((ITuple)arrived)[i])),
            string or JsonElement => sent.ToString() == arrived.ToString(),
            ReadOnlyMemory<byte> memory => memory.Span.SequenceEqual(((ReadOnlyMemory<byte>)arrived).Span),
            Memory<int> memory => memory.Span.SequenceEqual(((Memory<int>)arrived).Span),
            _ when IsSample(type) => AreFields(type, sent, arrived) && (sent is not IEnumerable items || AreAll(items, (IEnumerable)arrived)),
            IEnumerable items => AreAll(items, (IEnumerable)arrived),
            _ when Overrides(type) => sent.Equals(arrived),
            _ => AreFields(type, sent, arrived),
        };
    }

    private static bool AreAll(IEnumerable sent, IEnumerable arrived)
    {
        object?[] ones = [.. sent.Cast<object?>()];
        object?[] others = [.. arrived.Cast<object?>()];
        return ones.Length == others.Length && ones.Zip(others).All(pair => Are(pair.First, pair.Second));
    }

    private static bool AreFields(Type type, object sent, object arrived)
    {
        for (Type? at = type; at is not null && (at == type || IsSample(at)); at = at.BaseType)
        {
            foreach (FieldInfo field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!Are(field.GetValue(sent), field.GetValue(arrived)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsSample(Type type) => type.Namespace == "RpcGen.Samples";

    private static bool Overrides(Type type) => type.GetMethod(nameof(Equals), [typeof(object)])!.DeclaringType is { } declaring && declaring != typeof(object) && declaring != typeof(ValueType);
}
