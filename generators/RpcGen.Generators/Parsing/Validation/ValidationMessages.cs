using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>
/// Writes the messages of the framework's attributes as expressions. Most messages are composed at compile time, with the texts that
/// the framework uses: some of its attributes cannot be instantiated without warnings under AOT.
/// </summary>
internal static class ValidationMessages
{
    /// <summary>The message of an attribute: its <c>ErrorMessage</c>, its resource, or the framework's text.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="frameworkText">The framework's text.</param>
    /// <param name="displayName">An expression for <c>{0}</c>.</param>
    /// <param name="arguments">Values for <c>{1}</c> and so on.</param>
    public static string Of(AttributeData attribute, string frameworkText, string displayName, params object[] arguments)
    {
        string? resource = Resource(attribute, "ErrorMessageResourceType", AttributeLookup.Named<string>(attribute, "ErrorMessageResourceName"));
        string template = AttributeLookup.Named<string>(attribute, "ErrorMessage") ?? frameworkText;
        if (resource is null && IsLiteral(displayName, out string? name))
        {
            try
            {
                return Literals.Of(string.Format(CultureInfo.InvariantCulture, template, [name, .. arguments]));
            }
            catch (FormatException)
            {
                return Literals.Of(template);
            }
        }

        string values = string.Concat(arguments.Select(argument => ", " + Literals.Of(argument)));
        return $"string.Format(global::System.Globalization.CultureInfo.CurrentCulture, {resource ?? Literals.Of(template)}, {displayName}{values})";
    }

    /// <summary>The name of a parameter, member or type in messages: its display name, or its name in JSON if it has none.</summary>
    public static string DisplayName(IEnumerable<AttributeData> attributes, string jsonName)
    {
        foreach (AttributeData attribute in attributes)
        {
            if (KnownTypes.Is(attribute.AttributeClass, ValidationAttributes.Namespace, "DisplayAttribute") &&
                AttributeLookup.Named<string>(attribute, "Name") is { } name)
            {
                return Resource(attribute, "ResourceType", name) ?? Literals.Of(name);
            }

            if (KnownTypes.Is(attribute.AttributeClass, "System.ComponentModel", "DisplayNameAttribute") &&
                AttributeLookup.Argument<string>(attribute) is { } displayName)
            {
                return Literals.Of(displayName);
            }
        }

        return Literals.Of(jsonName);
    }

    private static string? Resource(AttributeData attribute, string typeArgument, string? name) =>
        name is not null && AttributeLookup.Named<INamedTypeSymbol>(attribute, typeArgument) is { } type
            ? $"{TypeDisplay.FullName(type)}.{Identifiers.Escape(name)}"
            : null;

    /// <summary>Whether an expression is a string literal, and the literal's value.</summary>
    private static bool IsLiteral(string expression, out string? text)
    {
        text = SyntaxFactory.ParseToken(expression) is { RawKind: (int)SyntaxKind.StringLiteralToken, ValueText: var value } ? value : null;
        return text is not null;
    }
}
