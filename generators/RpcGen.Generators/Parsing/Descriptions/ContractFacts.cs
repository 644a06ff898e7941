using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>
/// Collects what the description of a contract says and its JSON types do not know: texts, validation rules, null elements, names of
/// enums. Descriptions are partial JSON Schemas, which the runtime merges into those of the types.
/// </summary>
internal sealed class ContractFacts(Compilation compilation, CancellationToken cancellationToken)
{
    private readonly Texts _texts = new(compilation, cancellationToken);
    private readonly HashSet<ITypeSymbol> _reached = JsonGraph.NewSet();

    /// <summary>The facts about a contract, as JSON.</summary>
    public string Of(INamedTypeSymbol contract)
    {
        var methods = new JsonText();
        foreach (IMethodSymbol method in RemoteMethods.Of(contract).Select(remote => remote.Symbol))
        {
            cancellationToken.ThrowIfCancellationRequested();
            methods.AddObject(NamingRules.Of(method), Method(method, contract));
        }

        var facts = new JsonText();
        facts.AddText("summary", _texts.Of(contract));
        facts.AddText("deprecated", Texts.Deprecation(contract));
        facts.AddObject("methods", methods);
        facts.AddObject("types", new TypeFacts(_texts, cancellationToken).Of(_reached));
        return facts.ToString();
    }

    private JsonText Method(IMethodSymbol method, INamedTypeSymbol contract)
    {
        var arguments = new JsonText();
        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type) && !ByteStreamType.Is(p)))
        {
            ITypeSymbol type = ProgressType.Item(parameter) ?? parameter.Type;
            JsonGraph.AddReachable(type, _reached);
            JsonText value = ValueFacts.OfRoot(type);
            value.AddText("description", _texts.Of(parameter, method));
            SchemaRules.Add(value, parameter.Type, parameter.GetAttributes());
            arguments.AddObject(parameter.Name, value);
        }

        var facts = new JsonText();
        facts.AddText("summary", _texts.Of(method));
        facts.AddText("deprecated", Texts.Deprecation(method));
        facts.AddObject("arguments", arguments);
        if ((StreamType.Item(method) ?? TaskType.Result(method)) is { } result && !ByteStreamType.IsReturned(method))
        {
            JsonGraph.AddReachable(result, _reached);
            JsonText value = ValueFacts.OfRoot(result);
            value.AddText("description", _texts.OfResult(method));
            facts.AddObject("result", value);
        }

        facts.AddObject("faults", Faults(method, contract));
        return facts;
    }

    private JsonText Faults(IMethodSymbol method, INamedTypeSymbol contract)
    {
        var faults = new JsonText();
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (DeclaredFault fault in DeclaredFaults.Of(method, contract))
        {
            if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type || !codes.Add(fault.Code))
            {
                continue;
            }

            var members = new JsonText();
            foreach (IPropertySymbol property in new ExceptionShape(type, compilation, contract).Transmitted)
            {
                JsonGraph.AddReachable(property.Type, _reached);
                JsonText value = ValueFacts.OfRoot(property.Type);
                value.AddText("description", _texts.Of(property));
                members.AddObject(JsonNames.Of(property), value);
            }

            var facts = new JsonText();
            facts.AddText("description", _texts.Of(type));
            facts.AddObject("properties", members);
            faults.AddObject(fault.Code, facts);
        }

        return faults;
    }
}
