namespace System.Runtime.CompilerServices;

/// <summary>Supports <c>init</c> accessors and records.</summary>
internal static class IsExternalInit;
