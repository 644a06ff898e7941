using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>
/// Reads the texts of symbols: <c>[Description]</c>, or else the summary of their documentation. The compiler knows documentation
/// only of its own project, and only if the project generates a documentation file.
/// </summary>
internal sealed class Texts(Compilation compilation, CancellationToken cancellationToken)
{
    private readonly Dictionary<ISymbol, XElement?> _documentation = new(SymbolEqualityComparer.Default);

    /// <summary>The text of a type, method or member; null if it has none.</summary>
    public string? Of(ISymbol symbol) => Described(symbol.GetAttributes()) ?? Text(Documentation(symbol)?.Element("summary"));

    /// <summary>The text of a parameter.</summary>
    public string? Of(IParameterSymbol parameter, IMethodSymbol method) => Described(parameter.GetAttributes()) ?? Named(Documentation(method), parameter.Name);

    /// <summary>The text of a method's result.</summary>
    public string? OfResult(IMethodSymbol method) => Described(method.GetReturnTypeAttributes()) ?? Text(Documentation(method)?.Element("returns"));

    /// <summary>The text of a record's property, which the documentation of the record describes as a parameter.</summary>
    public string? OfRecordParameter(ISymbol member) => member.ContainingType is { IsRecord: true } record
        ? Described(record.InstanceConstructors.SelectMany(c => c.Parameters).Where(p => p.Name == member.Name).SelectMany(p => p.GetAttributes())) ?? Named(Documentation(record), member.Name)
        : null;

    /// <summary>The message of <c>[Obsolete]</c>, empty if it has none; null without the attribute.</summary>
    public static string? Deprecation(ISymbol symbol) =>
        AttributeLookup.Find(symbol, "System", "ObsoleteAttribute") is { } obsolete ? AttributeLookup.Argument<string>(obsolete) ?? "" : null;

    private static string? Described(IEnumerable<AttributeData> attributes) =>
        attributes.FirstOrDefault(attribute => KnownTypes.Is(attribute.AttributeClass, "System.ComponentModel", "DescriptionAttribute")) is { } description
            ? AttributeLookup.Argument<string>(description)
            : null;

    private static string? Named(XElement? documentation, string parameter) =>
        Text(documentation?.Elements("param").FirstOrDefault(element => element.Attribute("name")?.Value == parameter));

    private XElement? Documentation(ISymbol symbol)
    {
        if (!SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, compilation.Assembly))
        {
            return null; // the documentation of other assemblies is not known when a project is built
        }

        if (!_documentation.TryGetValue(symbol, out XElement? documentation))
        {
            documentation = Parse(symbol.GetDocumentationCommentXml(cancellationToken: cancellationToken));
            _documentation.Add(symbol, documentation);
        }

        return documentation;
    }

    private static XElement? Parse(string? xml)
    {
        if (string.IsNullOrEmpty(xml))
        {
            return null;
        }

        try
        {
            return XElement.Parse(xml!.StartsWith("<member", StringComparison.Ordinal) ? xml : $"<member>{xml}</member>");
        }
        catch (XmlException)
        {
            return null; // the compiler reports malformed documentation
        }
    }

    /// <summary>The element's text with references spelled out and white space collapsed; null if nothing is left.</summary>
    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = new StringBuilder();
        Write(element, text);
        string collapsed = string.Join(" ", text.ToString().Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        return collapsed.Length == 0 ? null : collapsed;
    }

    private static void Write(XElement element, StringBuilder text)
    {
        foreach (XNode node in element.Nodes())
        {
            if (node is XText plain)
            {
                text.Append(plain.Value);
            }
            else if (node is XElement { IsEmpty: true } reference)
            {
                text.Append(NameIn(reference));
            }
            else if (node is XElement inner)
            {
                bool isBlock = inner.Name.LocalName is "para" or "item" or "list";
                text.Append(isBlock ? " " : "");
                Write(inner, text);
                text.Append(isBlock ? " " : "");
            }
        }
    }

    /// <summary>What an empty element refers to: <c>see cref</c>, <c>see langword</c>, <c>paramref name</c>.</summary>
    private static string NameIn(XElement reference)
    {
        string name = (reference.Attribute("langword") ?? reference.Attribute("name") ?? reference.Attribute("cref") ?? reference.Attribute("href"))?.Value ?? " ";
        if (name.Length < 2 || name[1] != ':')
        {
            return name;
        }

        string member = name.Substring(2).Split('(')[0];
        return member.Substring(member.LastIndexOf('.') + 1).Split('`')[0];
    }
}
