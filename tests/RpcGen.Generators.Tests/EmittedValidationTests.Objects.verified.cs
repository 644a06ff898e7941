            protected override void Validate(global::Order order, global::Order? other, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.EnterNotNull("order", order))
                {
                    Validation.CheckOrder(order, validation);
                    validation.Leave();
                }

                if (validation.CanCheck("other"))
                {
                    if (other is not null && validation.Enter("other"))
                    {
                        Validation.CheckOrder(other, validation);
                        validation.Leave();
                    }
                }
            }

            protected override void Validate(global::Harmless harmless, global::System.Collections.Generic.List<global::Harmless?> many, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.EnterNotNull("harmless", harmless))
                {
                    Validation.CheckHarmless(harmless, validation);
                    validation.Leave();
                }

                if (validation.EnterNotNull("many", many))
                {
                    Validation.CheckList3(many, validation);
                    validation.Leave();
                }
            }

        public static class Validation
        {
            public static readonly global::System.ComponentModel.DataAnnotations.RegularExpressionAttribute _regularExpression = new global::System.ComponentModel.DataAnnotations.RegularExpressionAttribute("[a-z]+");
            public static readonly global::System.ComponentModel.DataAnnotations.AllowedValuesAttribute _allowedValues = new global::System.ComponentModel.DataAnnotations.AllowedValuesAttribute(new object[] { "a", 1, default(object)! });
            public static readonly global::System.ComponentModel.DataAnnotations.DeniedValuesAttribute _deniedValues = new global::System.ComponentModel.DataAnnotations.DeniedValuesAttribute(new object[] { (byte)(2) });
            public static readonly global::System.ComponentModel.DataAnnotations.EnumDataTypeAttribute _enumDataType = new global::System.ComponentModel.DataAnnotations.EnumDataTypeAttribute(typeof(global::Colour));
            public static readonly global::System.DateOnly _dateOnlyBound = global::System.DateOnly.Parse("2020-01-01", global::System.Globalization.CultureInfo.InvariantCulture);
            public static readonly global::System.DateOnly _dateOnlyBound2 = global::System.DateOnly.Parse("2030-12-31", global::System.Globalization.CultureInfo.InvariantCulture);
            public static readonly global::WholeAttribute _whole = new global::WholeAttribute();
            public static readonly global::EvenAttribute _even = new global::EvenAttribute(3) { Rest = 1 };

            public static void CheckOrder(global::Order value, global::RpcGen.Generated.RpcValidation validation)
            {
                int before = validation.Count;
                validation.NotNull("id", value.Id);

                if (value.Lines is null)
                {
                    validation.FailNull("rows");
                }
                else
                {
                    if (value.Lines.Count is < 1)
                    {
                        validation.Fail("rows", "rows wants 1 or more");
                    }

                    if (validation.Enter("rows"))
                    {
                        CheckList(value.Lines, validation);
                        validation.Leave();
                    }
                }

                if (value.Parent is not null && validation.Enter("parent"))
                {
                    CheckOrder(value.Parent, validation);
                    validation.Leave();
                }

                if (value.Number is null)
                {
                    validation.Fail("number", "The number field is required.");
                }

                if (!object.Equals(value.Repeat, value.Id))
                {
                    validation.Fail("repeat", "'The repeated id' and 'id' do not match.");
                }

                if (!validation.IsMet(_regularExpression, value.Code))
                {
                    validation.Fail("code", _regularExpression.FormatErrorMessage("code"));
                }

                if (value.Code?.Length is > 5)
                {
                    validation.Fail("code", string.Format(global::System.Globalization.CultureInfo.CurrentCulture, global::Texts.Bad, "code", 5, 0));
                }

                if (!validation.IsMet(_allowedValues, value.Any))
                {
                    validation.Fail("any", _allowedValues.FormatErrorMessage("any"));
                }

                if (!validation.IsMet(_deniedValues, value.Any))
                {
                    validation.Fail("any", _deniedValues.FormatErrorMessage("any"));
                }

                if (!validation.IsMet(_enumDataType, value.Colour))
                {
                    validation.Fail("colour", _enumDataType.FormatErrorMessage("colour"));
                }

                if (value.Day.CompareTo(_dateOnlyBound) < 0 || value.Day.CompareTo(_dateOnlyBound2) >= 0)
                {
                    validation.Fail("day", "The field day must be between 2020-01-01 and 2030-12-31 exclusive.");
                }

                if (value.Note is null)
                {
                    validation.Fail("note", "The note field is required.");
                }

                if (value.Fraction is not (> 0L and < 11L))
                {
                    validation.Fail("fraction", "The field fraction must be between 0.5 and 10.5.");
                }

                if ((double)value.Share is not (>= 0D and <= 1D))
                {
                    validation.Fail("share", "The field share must be between 0 and 1.");
                }

                if (value.Big is not (<= 5UL))
                {
                    validation.Fail("big", "The field big must be between -1 and 5.");
                }

                if (validation.Count == before)
                {
                    validation.CheckWhole(_whole, value, "Order", JsonName);
                }

                if (validation.Count == before)
                {
                    validation.CheckWhole(value, "Order", JsonName);
                }

                static string JsonName(string name) => name switch
                {
                    "Id" => "id",
                    "Lines" => "rows",
                    "Parent" => "parent",
                    "Number" => "number",
                    "Repeat" => "repeat",
                    "Code" => "code",
                    "Any" => "any",
                    "Colour" => "colour",
                    "Day" => "day",
                    "Note" => "note",
                    "Small" => "small",
                    "Fraction" => "fraction",
                    "Share" => "share",
                    "Big" => "big",
                    "Date" => "date",
                    _ => name,
                };
            }

            public static void CheckList(global::System.Collections.Generic.List<global::Line> values, global::RpcGen.Generated.RpcValidation validation)
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
                        CheckLine(value, validation);
                        validation.Leave();
                    }

                    index++;
                }
            }

            public static void CheckLine(global::Line value, global::RpcGen.Generated.RpcValidation validation)
            {
                if (string.IsNullOrWhiteSpace(value.Sku))
                {
                    validation.Fail("sku", "The sku field is required.");
                }

                validation.Check(_even, value.Quantity, value, "Quantity", "quantity", "quantity");

                if (value.Quantity is not (>= 1 and <= 100))
                {
                    validation.Fail("quantity", "The field quantity must be between 1 and 100.");
                }

                if (value.Price is not (>= 0.5M and <= 1000.25M))
                {
                    validation.Fail("price", "The field price must be between 0.5 and 1,000.25.");
                }
            }

            public static void CheckHarmless(global::Harmless value, global::RpcGen.Generated.RpcValidation validation)
            {
                validation.NotNull("many", value.Many);

                if (value.Next is not null && validation.Enter("next"))
                {
                    CheckHarmless(value.Next, validation);
                    validation.Leave();
                }
            }

            public static void CheckList3(global::System.Collections.Generic.List<global::Harmless?> values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is not null && validation.Enter(index))
                    {
                        CheckHarmless(value, validation);
                        validation.Leave();
                    }

                    index++;
                }
            }
        }
    }
}

