using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Serialization;

/// <summary>
/// Checks, when a client or server is created, that JSON supports what the contract transmits. Otherwise the first call would fail,
/// and the peer would be blamed for it. What is only written does not have to be readable, and the other way round.
/// </summary>
/// <param name="json">The metadata of the contract.</param>
/// <param name="isServer">Whether arguments are read and results written, rather than the reverse.</param>
internal sealed class ContractTypes(RpcJson json, bool isServer)
{
    private readonly HashSet<(Type Type, bool IsRead)> _checked = [];

    /// <summary>Checks the parameters, the result or the items, and the faults of a method.</summary>
    /// <exception cref="InvalidOperationException">JSON does not support a type. The message names contract, method, type and cause.</exception>
    public void Check(RpcMethod method)
    {
        foreach (RpcProperty parameter in method.Parameters)
        {
            Check(parameter, isServer != parameter.IsProgress, $"argument '{parameter.Name}' of the method '{method.Name}'");
        }

        Check(method.ItemProblem, method.ItemTypeInfo, !isServer, $"item of the stream '{method.Name}'");
        Check(method.ResultProblem, method.ResultTypeInfo, !isServer, $"result of the method '{method.Name}'");
        foreach (RpcFault fault in method.Faults)
        {
            foreach (RpcProperty member in fault.Members)
            {
                Check(member, !isServer, $"member '{member.Name}' of the fault '{fault.Code}' of the method '{method.Name}'");
            }
        }
    }

    private void Check(RpcProperty value, bool isRead, string what) => Check(value.Problem, value.Problem is null ? value.TypeInfo : null, isRead, what);

    private void Check(Exception? problem, JsonTypeInfo? type, bool isRead, string what)
    {
        if (problem is not null)
        {
            throw new InvalidOperationException($"The contract '{json.Contract}' cannot be used, because of the {what}: {problem.Message}", problem);
        }

        if (type is not null && FindProblem(type.Type, isRead, json.Options, _checked) is { } found)
        {
            throw new InvalidOperationException(
                $"The contract '{json.Contract}' cannot be used, because JSON does not support the type '{found.Type}' in the {what}: {found.Cause.Message}", found.Cause);
        }
    }

    /// <summary>The first problem with the type or one that it leads to; null if JSON supports them all.</summary>
    internal static TypeProblem? FindProblem(Type root, bool isRead, JsonSerializerOptions options) => FindProblem(root, isRead, options, []);

    private static TypeProblem? FindProblem(Type root, bool isRead, JsonSerializerOptions options, HashSet<(Type Type, bool IsRead)> known)
    {
        var open = new Queue<Type>([root]);
        while (open.TryDequeue(out Type? type))
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (!known.Add((type, isRead)))
            {
                continue;
            }

            try
            {
                if (options.TryGetTypeInfo(type, out JsonTypeInfo? info))
                {
                    JsonSupport.ThrowIfUnsupported(info, isRead);
                    JsonSupport.AddParts(info, open);
                }
            }
            catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
            {
                return new TypeProblem(type, e);
            }
        }

        return null;
    }

    /// <summary>A type that the serializer refuses, and what it says.</summary>
    internal sealed record TypeProblem(Type Type, Exception Cause);
}
