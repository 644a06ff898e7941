using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>Emits the checks of single values: parameters and members.</summary>
internal static class ValueCheckEmitter
{
    /// <summary>The checks of a method's arguments. An argument that could not be read is already reported, and not checked again.</summary>
    public static Code Arguments(IEnumerable<(ParameterModel Parameter, string Value)> arguments) =>
        Code.Blocks(arguments.Where(a => a.Parameter.Check.HasChecks).Select(a => Argument(a.Parameter, a.Value)));

    private static Code Argument(ParameterModel parameter, string value)
    {
        Code checks = Value(parameter.Check, value, "arguments", instance: "null", "Validation.");
        return IsNotNullOnly(parameter.Check) || IsInsideOnly(parameter.Check) ? checks : Code.Of($$"""
            if (validation.CanCheck({{Literals.Of(parameter.WireName)}}))
            {
                {{checks}}
            }
            """);
    }

    /// <summary>Whether the only check is for null.</summary>
    private static bool IsNotNullOnly(ValueCheckModel check) =>
        check is { Guard.Message: null, Rules.Count: 0, Attributes.Count: 0, Validator: null };

    /// <summary>Whether the only checks are for null and of the values inside.</summary>
    private static bool IsInsideOnly(ValueCheckModel check) =>
        check is { Guard.Message: null, Guard: not null, Rules.Count: 0, Attributes.Count: 0, Validator: not null };

    /// <summary>The checks of an object's member.</summary>
    public static Code Member(ValueCheckModel check) => Value(check, $"value.{check.Name}", "value", instance: "value", "");

    private static Code Value(ValueCheckModel check, string value, string owner, string instance, string validators)
    {
        string member = Literals.Of(check.JsonName);
        if (IsNotNullOnly(check))
        {
            return Code.Of($"validation.NotNull({member}, {value});");
        }

        if (IsInsideOnly(check))
        {
            return Inside(check, value, Code.Of($"validation.EnterNotNull({member}, {value})"), validators);
        }

        Code[] pieces =
        [
            .. check.Attributes.Select(attribute => Attribute(attribute, value, instance, member, validators)),
            .. check.Rules.Select(rule => Rule(rule, value, owner, member, validators)),
            .. check.Validator is null ? Array.Empty<Code>() : [Inside(check, value, InsideCondition(check, value, member), validators)],
        ];
        Code rest = Code.Members(pieces);
        if (check.Guard is not { } guard)
        {
            return rest;
        }

        bool isOneIf = pieces.Length == 1 && rest.StartsWith("if ");
        return Code.Of($$"""
            if ({{guard.Condition.Replace(RuleModel.Value, value)}})
            {
                {{(guard.Message is null ? $"validation.FailNull({member});" : $"validation.Fail({member}, {guard.Message});")}}
            }
            {{(rest.IsEmpty ? rest : isOneIf ? Code.Of($"else {rest}") : Code.Of($$"""
                else
                {
                    {{rest}}
                }
                """))}}
            """);
    }

    private static Code Attribute(AttributeCheckModel attribute, string value, string instance, string member, string validators)
    {
        string field = validators + attribute.Field;
        return attribute.NeedsContext
            ? $"validation.Check({field}, {value}, {instance}, {Literals.Of(attribute.Name)}, {attribute.DisplayName}, {member});"
            : Code.Of($$"""
                if (!validation.IsMet({{field}}, {{value}}))
                {
                    validation.Fail({{member}}, {{field}}.FormatErrorMessage({{attribute.DisplayName}}));
                }
                """);
    }

    private static Code Rule(RuleModel rule, string value, string owner, string member, string validators) => Code.Of($$"""
        if ({{rule.Condition.Replace(RuleModel.Value, value).Replace(RuleModel.Owner, owner).Replace(RuleModel.Fields, validators)}})
        {
            validation.Fail({{member}}, {{rule.Message}});
        }
        """);

    private static Code InsideCondition(ValueCheckModel check, string value, string member) =>
        Code.Of($"{(check.AllowsNull ? $"{value} is not null && " : "")}validation.Enter({member})");

    private static Code Inside(ValueCheckModel check, string value, Code enter, string validators) => Code.Of($$"""
        if ({{enter}})
        {
            {{validators}}{{check.Validator}}({{value}}{{(check.IsNullableValue ? ".Value" : "")}}, validation);
            validation.Leave();
        }
        """);
}
