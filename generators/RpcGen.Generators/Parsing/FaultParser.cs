using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing;

/// <summary>A <c>[RpcFault&lt;T&gt;("code")]</c>.</summary>
internal sealed record DeclaredFault(ITypeSymbol Type, string Code, AttributeData Attribute);

/// <summary>Turns the declared faults of one contract into models, one for each exception and code.</summary>
internal sealed class FaultParser
{
    private readonly INamedTypeSymbol _contract;
    private readonly Compilation _compilation;
    private readonly UniqueNames _names = new([]);
    private readonly Dictionary<string, FaultModel?> _known = new(StringComparer.Ordinal);

    public FaultParser(INamedTypeSymbol contract, Compilation compilation, Violations violations)
    {
        _contract = contract;
        _compilation = compilation;
        CheckLevel(contract, violations);
    }

    /// <summary>The faults that methods have asked for so far.</summary>
    public IEnumerable<FaultModel> Faults => _known.Values.OfType<FaultModel>();

    public static IEnumerable<DeclaredFault> DeclaredOn(ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (KnownTypes.Is(attribute.AttributeClass, "RpcGen", "RpcFaultAttribute`1"))
            {
                yield return new DeclaredFault(attribute.AttributeClass!.TypeArguments[0], KnownTypes.Argument<string>(attribute) ?? "", attribute);
            }
        }
    }

    /// <summary>What a method may throw: as it says itself, as the contract says, and as the interface says that declares it.</summary>
    public static IEnumerable<DeclaredFault> DeclaredFor(IMethodSymbol method, INamedTypeSymbol contract) =>
        new ISymbol[] { method, contract, method.ContainingType }.Distinct<ISymbol>(SymbolEqualityComparer.Default).SelectMany(DeclaredOn);

    /// <summary>Class names of a method's faults: what the method declares wins over the contract, a derived exception over its base.</summary>
    public IEnumerable<string> Parse(IMethodSymbol method, Violations violations)
    {
        if (DeclaresNone(method) && DeclaresNone(_contract) && DeclaresNone(method.ContainingType))
        {
            return [];
        }

        CheckLevel(method, violations);
        var chosen = new List<DeclaredFault>();
        foreach (DeclaredFault fault in DeclaredFor(method, _contract))
        {
            if (fault.Type.TypeKind == TypeKind.Error || chosen.Exists(other => IsSameType(other, fault)))
            {
                continue;
            }

            if (chosen.Find(other => other.Code == fault.Code) is { } twin && !BothDeclaredOn(method, twin, fault))
            {
                violations.Add(Rules.DuplicateFault, twin.Attribute, $"The fault code '{fault.Code}'", method.Name);
            }

            chosen.Add(fault);
        }

        return chosen
            .OrderByDescending(fault => Depth(fault.Type))
            .Select(fault => Model(fault, violations)?.ClassName)
            .OfType<string>()
            .ToList();
    }

    private static bool DeclaresNone(ISymbol symbol) => !KnownTypes.HasRpcAttribute(symbol, "RpcFaultAttribute`1");

    /// <summary>The rules for what one method, or the contract, declares.</summary>
    private static void CheckLevel(ISymbol symbol, Violations violations)
    {
        var earlier = new List<DeclaredFault>();
        foreach (DeclaredFault fault in DeclaredOn(symbol))
        {
            if (!Identity.IsFaultCode(fault.Code))
            {
                violations.Add(Rules.FaultCode, fault.Attribute, fault.Code);
            }

            if (earlier.Exists(other => IsSameType(other, fault)))
            {
                violations.Add(Rules.DuplicateFault, fault.Attribute, $"The exception '{KnownTypes.Name(fault.Type)}'", symbol.Name);
            }
            else if (earlier.Exists(other => other.Code == fault.Code))
            {
                violations.Add(Rules.DuplicateFault, fault.Attribute, $"The fault code '{fault.Code}'", symbol.Name);
            }

            earlier.Add(fault);
        }
    }

    private static bool BothDeclaredOn(IMethodSymbol method, DeclaredFault one, DeclaredFault other) =>
        DeclaredOn(method).Count(fault => fault.Attribute == one.Attribute || fault.Attribute == other.Attribute) != 1;

    private static bool IsSameType(DeclaredFault one, DeclaredFault other) => SymbolEqualityComparer.Default.Equals(one.Type, other.Type);

    private static int Depth(ITypeSymbol type)
    {
        int depth = 0;
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            depth++;
        }

        return depth;
    }

    private FaultModel? Model(DeclaredFault fault, Violations violations)
    {
        string key = fault.Code + " " + KnownTypes.FullName(fault.Type);
        if (!_known.TryGetValue(key, out FaultModel? model))
        {
            model = Parse(fault, violations);
            _known.Add(key, model);
        }

        return model;
    }

    private FaultModel? Parse(DeclaredFault fault, Violations violations)
    {
        var exception = new ExceptionShape((INamedTypeSymbol)fault.Type, _compilation, _contract);
        if (exception.Obstacle is { } obstacle)
        {
            violations.Add(Rules.FaultNotRebuilt, fault.Attribute, KnownTypes.Name(fault.Type), obstacle);
            return null;
        }

        foreach (IPropertySymbol lost in exception.Lost)
        {
            violations.Add(Rules.FaultMemberLost, fault.Attribute, $"{KnownTypes.Name(fault.Type)}.{lost.Name}", KnownTypes.Name(fault.Type));
        }

        if (exception.ComposesMessage)
        {
            violations.Add(Rules.FaultMessageComposed, fault.Attribute, KnownTypes.Name(fault.Type));
        }

        return new FaultModel
        {
            ClassName = _names.Take(CSharpText.PascalIdentifier(fault.Code), "Fault"),
            Code = fault.Code,
            ExceptionType = KnownTypes.FullName(fault.Type),
            Members = exception.Members.ToEquatableArray(),
            Arguments = exception.Arguments.ToEquatableArray(),
        };
    }
}
