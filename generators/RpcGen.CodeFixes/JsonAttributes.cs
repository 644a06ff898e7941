using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace RpcGen.CodeFixes;

/// <summary>Adds attributes of System.Text.Json.</summary>
internal static class JsonAttributes
{
    /// <summary>The edit that the analyzer found to be right.</summary>
    public static string? EditOf(Diagnostic diagnostic) => diagnostic.Properties.TryGetValue("Edit", out string? edit) ? edit : null;

    public static T Add<T>(T member, string name)
        where T : MemberDeclarationSyntax
    {
        AttributeListSyntax list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(
            SyntaxFactory.Attribute(SyntaxFactory.ParseName("global::System.Text.Json.Serialization." + name).WithAdditionalAnnotations(Simplifier.Annotation))));
        SyntaxTriviaList leading = member.GetLeadingTrivia();
        var bare = (T)member.WithLeadingTrivia();
        list = list.WithLeadingTrivia(leading).WithTrailingTrivia(SyntaxFactory.ElasticLineFeed);
        return (T)bare.WithAttributeLists(bare.AttributeLists.Insert(0, list)).WithAdditionalAnnotations(Formatter.Annotation);
    }
}
