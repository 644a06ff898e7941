using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RpcGen.Tests;

/// <summary>
/// Lists what the types of a compiled module refer to, which is the truth about layers: unlike <c>using</c> lines, the
/// compiled code also shows fully qualified names, aliases and inferred types. The compiler inlines constants and <c>nameof</c>,
/// so these leave no reference.
/// </summary>
internal static class TypeReferences
{
    /// <summary>Yields each pair of a type and a type that it refers to, once.</summary>
    /// <remarks>
    /// Both ends are top-level types: a nested or compiler-generated type counts as its outermost declaring type. Arrays, by-refs
    /// and generic instances yield the types they are made of. References of a type to itself are left out.
    /// </remarks>
    public static IEnumerable<(TypeDefinition From, TypeReference To)> Of(ModuleDefinition module)
    {
        var seen = new HashSet<(string From, string To)>();
        foreach (TypeDefinition type in module.GetTypes())
        {
            TypeDefinition from = type;
            while (from.DeclaringType is { } declaring)
            {
                from = declaring;
            }

            foreach (TypeReference to in InType(type).SelectMany(Parts).Select(Outermost))
            {
                if (to.FullName != from.FullName && seen.Add((from.FullName, to.FullName)))
                {
                    yield return (from, to);
                }
            }
        }
    }

    private static IEnumerable<TypeReference?> InType(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.Interfaces.SelectMany(InAttributes),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Fields.SelectMany(InAttributes),
        .. type.Properties.Select(property => property.PropertyType),
        .. type.Properties.SelectMany(InAttributes),
        .. type.Events.Select(@event => @event.EventType),
        .. type.Events.SelectMany(InAttributes),
        .. type.Methods.SelectMany(InMethod),
        .. InAttributes(type),
        .. InGenericParameters(type),
    ];

    private static IEnumerable<TypeReference?> InMethod(MethodDefinition method) =>
    [
        .. InSignature(method),
        .. method.Overrides.SelectMany(InMember),
        .. method.Parameters.SelectMany(InAttributes),
        .. InAttributes(method),
        .. InAttributes(method.MethodReturnType),
        .. InGenericParameters(method),
        .. method.HasBody ? InBody(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> InSignature(IMethodSignature method) =>
        method.Parameters.Select(parameter => parameter.ParameterType).Prepend(method.ReturnType);

    private static IEnumerable<TypeReference?> InBody(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => InOperand(instruction.Operand)),
    ];

    private static IEnumerable<TypeReference?> InOperand(object? operand) => operand switch
    {
        TypeReference type => [type],
        MemberReference member => InMember(member),
        CallSite site => InSignature(site),
        _ => [],
    };

    /// <summary>The types in the use of a member: its owner, its signature and its type arguments.</summary>
    private static IEnumerable<TypeReference?> InMember(MemberReference member) => member switch
    {
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [.. method.GenericArguments, .. InMember(method.ElementMethod)],
        MethodReference method => [method.DeclaringType, .. InSignature(method)],
        _ => [member.DeclaringType],
    };

    private static IEnumerable<TypeReference?> InGenericParameters(IGenericParameterProvider provider) =>
        provider.GenericParameters.SelectMany(parameter => parameter.Constraints
            .Select(constraint => constraint.ConstraintType)
            .Concat(InAttributes(parameter)));

    private static IEnumerable<TypeReference?> InAttributes(Mono.Cecil.ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute => attribute.ConstructorArguments
            .Concat(attribute.Properties.Select(property => property.Argument))
            .Concat(attribute.Fields.Select(field => field.Argument))
            .SelectMany(InArgument)
            .Prepend(attribute.AttributeType));

    /// <summary>The types in an attribute's argument: that of the value, and the one named by <c>typeof</c>.</summary>
    private static IEnumerable<TypeReference?> InArgument(CustomAttributeArgument argument) => argument.Value switch
    {
        TypeReference type => [argument.Type, type],
        CustomAttributeArgument boxed => [argument.Type, .. InArgument(boxed)],
        CustomAttributeArgument[] elements => [argument.Type, .. elements.SelectMany(InArgument)],
        _ => [argument.Type],
    };

    /// <summary>The named types that a type is made of.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        FunctionPointerType pointer => InSignature(pointer).SelectMany(Parts),
        IModifierType modified => Parts(modified.ModifierType).Concat(Parts(modified.ElementType)),
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } declaring)
        {
            type = declaring;
        }

        return type;
    }
}
