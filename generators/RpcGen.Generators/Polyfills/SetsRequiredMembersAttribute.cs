namespace System.Diagnostics.CodeAnalysis;

/// <summary>Supports copy constructors of records with <c>required</c> members.</summary>
[AttributeUsage(AttributeTargets.Constructor, Inherited = false)]
internal sealed class SetsRequiredMembersAttribute : Attribute;
