using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>The static fields of a contract's generated validators: attributes and bounds, one field per expression.</summary>
internal sealed class ValidationFields
{
    private readonly UniqueNames _names = new([]);
    private readonly Dictionary<string, ValidationFieldModel> _byExpression = new(StringComparer.Ordinal);

    public IEnumerable<ValidationFieldModel> All => _byExpression.Values;

    /// <summary>The name of the field with the given expression. Adds the field if it does not exist yet.</summary>
    public string Take(string name, string type, string expression)
    {
        if (!_byExpression.TryGetValue(expression, out ValidationFieldModel? field))
        {
            field = new ValidationFieldModel(_names.Take("_" + Identifiers.Camel(name)), type, expression);
            _byExpression.Add(expression, field);
        }

        return field.Name;
    }
}
