using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>Emits the class with the validators: one method for each type that has checks.</summary>
internal static class ValidatorsEmitter
{
    public static Code Emit(ContractModel contract) => contract.Validators.Count == 0 && contract.ValidationFields.Count == 0 ? Code.Empty : Code.Of($$"""
        /// <summary>Validates objects, collections and dictionaries in arguments.</summary>
        public static class Validation
        {
            {{Code.Lines(contract.ValidationFields.Select(field => $"public static readonly {field.Type} {field.Name} = {field.Expression};"))}}

            {{Code.Members(contract.Validators.Select(Validator))}}
        }
        """);

    private static Code Validator(ValidatorModel validator) => validator.Kind switch
    {
        ValidatorKind.Object => Object(validator),
        ValidatorKind.Collection => Collection(validator),
        _ => Dictionary(validator),
    };

    private static Code Object(ValidatorModel validator) => Code.Of($$"""
        public static void {{validator.MethodName}}({{validator.Type}} value, global::RpcGen.Generated.RpcValidation validation)
        {
            {{Subtypes(validator)}}

            {{(HasWhole(validator) ? "int before = validation.Count;" : "")}}
            {{Code.Blocks(validator.Members.Select(ValueCheckEmitter.Member))}}

            {{Whole(validator)}}
        }
        """);

    private static Code Subtypes(ValidatorModel validator) => validator.DerivedTypes.Count == 0 ? Code.Empty : Code.Of($$"""
        switch (value)
        {
            {{Code.Lines(validator.DerivedTypes.Select(derived => Code.Of($$"""
                case {{derived.Type}} derived:
                    {{derived.Validator}}(derived, validation);
                    return;
                """)))}}
        }
        """);

    /// <summary>The checks of the object as a whole, which run only if its members are valid.</summary>
    private static Code Whole(ValidatorModel validator)
    {
        IEnumerable<string> checks = validator.Attributes
            .Select(field => $"validation.CheckWhole({field}, value, {validator.DisplayName}, JsonName);")
            .Concat(validator.ChecksItself ? [$"validation.CheckWhole(value, {validator.DisplayName}, JsonName);"] : []);
        return Code.Members(checks.Select(check => Code.Of($$"""
            if (validation.Count == before)
            {
                {{check}}
            }
            """)).Concat(HasWhole(validator) ? [JsonName(validator)] : []));
    }

    private static bool HasWhole(ValidatorModel validator) => validator.ChecksItself || validator.Attributes.Count > 0;

    private static Code JsonName(ValidatorModel validator) => validator.MemberNames.Count == 0
        ? "static string JsonName(string name) => name;"
        : Code.Of($$"""
            static string JsonName(string name) => name switch
            {
                {{Code.Lines(validator.MemberNames.Select(member => $"{Literals.Of(member.Name)} => {Literals.Of(member.JsonName)},"))}}
                _ => name,
            };
            """);

    private static Code Collection(ValidatorModel validator) => Code.Of($$"""
        public static void {{validator.MethodName}}({{validator.Type}} values, global::RpcGen.Generated.RpcValidation validation)
        {
            {{(validator.OnlyIf is null ? Code.Empty : Code.Of($$"""
                if (values is not {{validator.OnlyIf}})
                {
                    return; // enumerating it could consume it
                }
                """))}}

            int index = 0;
            foreach (var value in values{{(validator.IsImmutableArray ? ".AsSpan()" : "")}})
            {
                {{Element(validator, "value", "FailNull(index)", "Enter(index)")}}

                index++;
            }
        }
        """);

    private static Code Dictionary(ValidatorModel validator) => Code.Of($$"""
        public static void {{validator.MethodName}}({{validator.Type}} values, global::RpcGen.Generated.RpcValidation validation)
        {
            foreach (var pair in values)
            {
                {{Element(validator, "pair.Value", "FailNullKey(pair.Key)", "EnterKey(pair.Key)")}}
            }
        }
        """);

    /// <summary>The check of an element.</summary>
    public static Code Element(ValidatorModel validator, string value, string failNull, string enter, string validators = "")
    {
        Code inside = validator.ElementValidator is null ? Code.Empty : Inside(validator, value, enter, validators);
        if (!validator.ElementRefusesNull)
        {
            return inside;
        }

        return Code.Of($$"""
            if ({{value}} is null)
            {
                validation.{{failNull}};
            }
            {{(inside.IsEmpty ? inside : Code.Of($"else {inside}"))}}
            """);
    }

    private static Code Inside(ValidatorModel validator, string value, string enter, string validators) => Code.Of($$"""
        if ({{(validator.ElementAllowsNull ? $"{value} is not null && " : "")}}validation.{{enter}})
        {
            {{validators}}{{validator.ElementValidator}}({{value}}{{(validator.ElementIsNullableValue ? ".Value" : "")}}, validation);
            validation.Leave();
        }
        """);
}
