using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The checks of single values: parameters and members.</summary>
internal static class ValueCheckEmitter
{
    /// <summary>The checks of a method's arguments. What could not be read was noted already: it is not checked again.</summary>
    public static string Arguments(MethodModel method) => Code.Members(method.Arguments.Where(p => p.Check.HasChecks).Select(p => Code.Of($$"""
        if (validation.CanCheck({{CSharpText.Literal(p.WireName)}}))
        {
            {{Value(p.Check with { Name = p.FieldName }, "arguments", instance: "null", "__Validation.")}}
        }
        """)));

    /// <summary>The checks of an object's member.</summary>
    public static string Member(ValueCheckModel check) => Value(check, "value", instance: "value", "");

    private static string Value(ValueCheckModel check, string owner, string instance, string validators)
    {
        string value = $"{owner}.{check.Name}";
        string member = CSharpText.Literal(check.JsonName);
        string[] pieces =
        [
            .. check.Attributes.Select(attribute => Attribute(attribute, value, instance, member, validators)),
            .. check.Rules.Select(rule => Rule(rule, value, owner, member, validators)),
            .. check.Validator is null ? Array.Empty<string>() : [Inside(check, value, member, validators)],
        ];
        string rest = Code.Members(pieces);
        if (check.Guard is not { } guard)
        {
            return rest;
        }

        bool isOneIf = pieces.Length == 1 && rest.StartsWith("if ", StringComparison.Ordinal);
        return Code.Of($$"""
            if ({{guard.Condition.Replace(RuleModel.Value, value)}})
            {
                {{(guard.Message is null ? $"validation.FailNull({member});" : $"validation.Fail({member}, {guard.Message});")}}
            }
            {{(rest.Length == 0 ? "" : isOneIf ? $"else {rest}" : Code.Of($$"""
                else
                {
                    {{rest}}
                }
                """))}}
            """);
    }

    private static string Attribute(AttributeCheckModel attribute, string value, string instance, string member, string validators)
    {
        string field = validators + attribute.Field;
        return attribute.NeedsContext
            ? $"validation.Check({field}, {value}, {instance}, {CSharpText.Literal(attribute.Name)}, {attribute.DisplayName}, {member});"
            : Code.Of($$"""
                if (!{{field}}.IsValid({{value}}))
                {
                    validation.Fail({{member}}, {{field}}.FormatErrorMessage({{attribute.DisplayName}}));
                }
                """);
    }

    private static string Rule(RuleModel rule, string value, string owner, string member, string validators) => Code.Of($$"""
        if ({{rule.Condition.Replace(RuleModel.Value, value).Replace(RuleModel.Owner, owner).Replace(RuleModel.Fields, validators)}})
        {
            validation.Fail({{member}}, {{rule.Message}});
        }
        """);

    private static string Inside(ValueCheckModel check, string value, string member, string validators) => Code.Of($$"""
        if ({{(check.AllowsNull ? $"{value} is not null && " : "")}}validation.Enter({{member}}))
        {
            {{validators}}{{check.Validator}}({{value}}{{(check.IsNullableValue ? ".Value" : "")}}, validation);
            validation.Leave();
        }
        """);
}
