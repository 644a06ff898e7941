using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Faults;

/// <summary>Turns the declared faults of one contract into models, one for each exception, code and status.</summary>
internal sealed class FaultParser
{
    private readonly INamedTypeSymbol _contract;
    private readonly Compilation _compilation;
    private readonly UniqueNames _names = new([]);

    /// <summary>The models made so far, by code and type; null for exceptions that cannot be rebuilt.</summary>
    private readonly Dictionary<string, FaultModel?> _known = new(StringComparer.Ordinal);

    public FaultParser(INamedTypeSymbol contract, Compilation compilation, DiagnosticSink sink)
    {
        _contract = contract;
        _compilation = compilation;
        FaultRules.CheckDeclaredOn(contract, sink);
    }

    /// <summary>The faults of the methods parsed so far.</summary>
    public IEnumerable<FaultModel> Faults => _known.Values.OfType<FaultModel>();

    /// <summary>
    /// The class names of a method's faults, the most derived exception first. A fault of the method overrides one of the contract
    /// for the same exception.
    /// </summary>
    public IReadOnlyList<string> Parse(IMethodSymbol method, DiagnosticSink sink)
    {
        if (DeclaresNone(method) && DeclaresNone(_contract) && DeclaresNone(method.ContainingType))
        {
            return [];
        }

        FaultRules.CheckDeclaredOn(method, sink);
        var faults = new List<DeclaredFault>();
        foreach (DeclaredFault fault in DeclaredFaults.Of(method, _contract))
        {
            if (fault.Type.TypeKind != TypeKind.Error && !faults.Exists(fault.HasSameType))
            {
                faults.Add(fault);
            }
        }

        FaultRules.CheckCodes(method, faults, sink);
        return faults
            .OrderByDescending(fault => Depth(fault.Type))
            .Select(fault => Model(fault, sink)?.ClassName)
            .OfType<string>()
            .ToList();
    }

    private static bool DeclaresNone(ISymbol symbol) => !RpcAttributes.Has(symbol, RpcAttributes.Fault);

    private static int Depth(ITypeSymbol type)
    {
        int depth = 0;
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            depth++;
        }

        return depth;
    }

    private FaultModel? Model(DeclaredFault fault, DiagnosticSink sink)
    {
        string key = $"{fault.Code} {TypeDisplay.FullName(fault.Type)} {fault.HttpStatus}";
        if (!_known.TryGetValue(key, out FaultModel? model))
        {
            model = Parse(fault, sink);
            _known.Add(key, model);
        }

        return model;
    }

    private FaultModel? Parse(DeclaredFault fault, DiagnosticSink sink)
    {
        var shape = new ExceptionShape((INamedTypeSymbol)fault.Type, _compilation, _contract);
        FaultRules.CheckShape(fault, shape, sink);
        return shape.Obstacle is not null ? null : new FaultModel
        {
            ClassName = _names.Take(Identifiers.FromText(fault.Code), "Fault"),
            Code = fault.Code,
            HttpStatus = fault.HttpStatus,
            ExceptionType = TypeDisplay.FullName(fault.Type),
            Members = shape.Members.ToEquatableArray(),
            Arguments = shape.Arguments.ToEquatableArray(),
        };
    }
}
