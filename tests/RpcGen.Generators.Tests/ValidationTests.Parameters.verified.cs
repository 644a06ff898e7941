            public override void Validate(in (int n, string s, string? e, double? d) arguments, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("n"))
                {
                    if (arguments.n is not (>= 0 and <= 90))
                    {
                        validation.Fail("n", "The field n must be between 0 and 90.");
                    }
                }

                if (validation.CanCheck("s"))
                {
                    if (string.IsNullOrWhiteSpace(arguments.s))
                    {
                        validation.Fail("s", "The s field is required.");
                    }
                    else if (arguments.s.Length is < 2 or > 10)
                    {
                        validation.Fail("s", "The field s must be a string with a minimum length of 2 and a maximum length of 10.");
                    }
                }

                if (validation.CanCheck("e"))
                {
                    if (!Validation._emailAddress.IsValid(arguments.e))
                    {
                        validation.Fail("e", Validation._emailAddress.FormatErrorMessage("e"));
                    }
                }

                if (validation.CanCheck("d"))
                {
                    if (arguments.d is not (null or (> 0.5D and <= double.PositiveInfinity)))
                    {
                        validation.Fail("d", "The field d must be between 0.5 exclusive and Infinity.");
                    }
                }
            }

            public override void Validate(in (global::System.Collections.Generic.List<string> l, int[]? a, global::System.Collections.Generic.Dictionary<string, string?> d, global::System.Collections.Generic.List<string?> fine, global::System.Collections.Generic.IEnumerable<string> lazy) arguments, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("l"))
                {
                    if (arguments.l is null)
                    {
                        validation.FailNull("l");
                    }
                    else
                    {
                        if (arguments.l.Count is < 1 or > 3)
                        {
                            validation.Fail("l", "The field l must be a string or collection type with a minimum length of '1' and maximum length of '3'.");
                        }

                        if (validation.Enter("l"))
                        {
                            Validation.CheckList(arguments.l, validation);
                            validation.Leave();
                        }
                    }
                }

                if (validation.CanCheck("a"))
                {
                    if (arguments.a?.Length is < 1)
                    {
                        validation.Fail("a", "The field a must be a string or array type with a minimum length of '1'.");
                    }
                }

                if (validation.CanCheck("d"))
                {
                    if (arguments.d is null)
                    {
                        validation.FailNull("d");
                    }
                    else if (arguments.d.Count is > 5)
                    {
                        validation.Fail("d", "The field d must be a string or array type with a maximum length of '5'.");
                    }
                }

                validation.NotNull("fine", arguments.fine);

                if (validation.CanCheck("lazy"))
                {
                    if (arguments.lazy is null)
                    {
                        validation.FailNull("lazy");
                    }
                    else if (validation.Enter("lazy"))
                    {
                        Validation.CheckIEnumerable(arguments.lazy, validation);
                        validation.Leave();
                    }
                }
            }

            public override void Validate(in (global::System.Collections.Generic.Dictionary<int, global::System.Collections.Generic.List<string>> deep, (string A, int B) tuple, string[][] jagged) arguments, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("deep"))
                {
                    if (arguments.deep is null)
                    {
                        validation.FailNull("deep");
                    }
                    else if (validation.Enter("deep"))
                    {
                        Validation.CheckDictionary2(arguments.deep, validation);
                        validation.Leave();
                    }
                }

                if (validation.CanCheck("tuple"))
                {
                    if (validation.Enter("tuple"))
                    {
                        Validation.CheckTuple(arguments.tuple, validation);
                        validation.Leave();
                    }
                }

                if (validation.CanCheck("jagged"))
                {
                    if (arguments.jagged is null)
                    {
                        validation.FailNull("jagged");
                    }
                    else if (validation.Enter("jagged"))
                    {
                        Validation.CheckArray(arguments.jagged, validation);
                        validation.Leave();
                    }
                }
            }

        public static class Validation
        {
            public static readonly global::System.ComponentModel.DataAnnotations.EmailAddressAttribute _emailAddress = new global::System.ComponentModel.DataAnnotations.EmailAddressAttribute();

            public static void CheckList(global::System.Collections.Generic.List<string> values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }

            public static void CheckIEnumerable(global::System.Collections.Generic.IEnumerable<string> values, global::RpcGen.Generated.RpcValidation validation)
            {
                if (values is not global::System.Collections.Generic.IReadOnlyCollection<string>)
                {
                    return; // walking it might use it up
                }

                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }

            public static void CheckDictionary2(global::System.Collections.Generic.Dictionary<int, global::System.Collections.Generic.List<string>> values, global::RpcGen.Generated.RpcValidation validation)
            {
                foreach (var pair in values)
                {
                    if (pair.Value is null)
                    {
                        validation.FailNullKey(pair.Key);
                    }
                    else if (validation.EnterKey(pair.Key))
                    {
                        CheckList(pair.Value, validation);
                        validation.Leave();
                    }
                }
            }

            public static void CheckTuple((string A, int B) value, global::RpcGen.Generated.RpcValidation validation)
            {
                validation.NotNull("Item1", value.Item1);
            }

            public static void CheckArray(string[][] values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }
                    else if (validation.Enter(index))
                    {
                        CheckStringArray(value, validation);
                        validation.Leave();
                    }

                    index++;
                }
            }

            public static void CheckStringArray(string[] values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }
        }
    }
}

