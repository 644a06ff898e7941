using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>
/// The messages of the framework's attributes as expressions. Most are constants: those attributes whose constructors warn
/// under AOT could not be asked, and the others say the same.
/// </summary>
internal static class MessageText
{
    /// <summary>The message of an attribute: its <c>ErrorMessage</c>, its resource, or what the framework says.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="frameworkText">The framework's own text.</param>
    /// <param name="displayName">What <c>{0}</c> stands for, an expression.</param>
    /// <param name="arguments">What <c>{1}</c> and so on stand for.</param>
    public static string Of(AttributeData attribute, string frameworkText, string displayName, params object[] arguments)
    {
        string? resource = Resource(attribute, "ErrorMessageResourceType", KnownTypes.Named<string>(attribute, "ErrorMessageResourceName"));
        string template = KnownTypes.Named<string>(attribute, "ErrorMessage") ?? frameworkText;
        if (resource is null && IsLiteral(displayName, out string? name))
        {
            try
            {
                return CSharpText.Literal(string.Format(CultureInfo.InvariantCulture, template, [name, .. arguments]));
            }
            catch (FormatException)
            {
                return CSharpText.Literal(template);
            }
        }

        string values = string.Concat(arguments.Select(argument => ", " + CSharpText.Literal(argument)));
        return $"string.Format(global::System.Globalization.CultureInfo.CurrentCulture, {resource ?? CSharpText.Literal(template)}, {displayName}{values})";
    }

    /// <summary>What a parameter, member or type is called in messages: its <c>[Display]</c> name, or else its name in JSON.</summary>
    public static string DisplayName(IEnumerable<AttributeData> attributes, string jsonName)
    {
        foreach (AttributeData attribute in attributes)
        {
            if (KnownTypes.Is(attribute.AttributeClass, "System.ComponentModel.DataAnnotations", "DisplayAttribute") &&
                KnownTypes.Named<string>(attribute, "Name") is { } name)
            {
                return Resource(attribute, "ResourceType", name) ?? CSharpText.Literal(name);
            }

            if (KnownTypes.Is(attribute.AttributeClass, "System.ComponentModel", "DisplayNameAttribute") &&
                KnownTypes.Argument<string>(attribute) is { } displayName)
            {
                return CSharpText.Literal(displayName);
            }
        }

        return CSharpText.Literal(jsonName);
    }

    private static string? Resource(AttributeData attribute, string typeArgument, string? name) =>
        name is not null && KnownTypes.Named<INamedTypeSymbol>(attribute, typeArgument) is { } type
            ? $"{KnownTypes.FullName(type)}.{CSharpText.Identifier(name)}"
            : null;

    /// <summary>Whether an expression is a literal of which the text is known here.</summary>
    private static bool IsLiteral(string expression, out string? text)
    {
        text = Microsoft.CodeAnalysis.CSharp.SyntaxFactory.ParseToken(expression) is { RawKind: (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.StringLiteralToken, ValueText: var value } ? value : null;
        return text is not null;
    }
}
